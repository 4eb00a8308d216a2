/** What a spreadsheet takes for a formula when a cell begins with it; the wide forms are typed in East Asia. */
const FORMULA = /^'*[=+\-@＝＋－＠]/;

/** A cell that no spreadsheet runs: an apostrophe before what would be a formula, and before one that has apostrophes already. */
export function guarded(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

/** The cell as it was before it was {@link guarded}. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}
