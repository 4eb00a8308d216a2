import stringWidth from "string-width";
import { fit } from "./fit";
import { printable } from "./printable";

const GAP = "  ";
/** A column that gives way to others is not made narrower than this. */
const NARROWEST = 8;

/** What a table shows of a row. */
export interface Column<Row> {
  title: string;
  value: (row: Row) => string;
  align?: "left" | "right";
  /** Whether a part of it says nothing (an id, a key): it is never cut. */
  whole?: boolean;
}

/**
 * Rows under their titles, a line each. `width` is the terminal's: what has no room is cut, the widest column first;
 * without it nothing is.
 */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width = Infinity, dim = (text: string) => text } = {},
): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const titles = columns.map((column) => column.title);
  const widths = widthsWithin(width, columns, [titles, ...cells]);
  const line = (texts: readonly string[]) =>
    columns
      .map((column, at) => fit(texts[at] ?? "", widths[at] ?? 0, column.align))
      .join(GAP)
      .trimEnd();
  return [dim(line(titles)), ...cells.map(line)];
}

function widthsWithin<Row>(
  width: number,
  columns: readonly Column<Row>[],
  lines: readonly (readonly string[])[],
): number[] {
  const widths = columns.map((_, at) =>
    lines.reduce((widest, texts) => Math.max(widest, stringWidth(texts[at] ?? "")), 0),
  );
  let over = widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1)) - width;
  for (; over > 0; over -= 1) {
    const yielding = widths.map((each, at) => (columns[at]?.whole ? 0 : each));
    const widest = Math.max(...yielding);
    if (widest <= NARROWEST) break;
    widths[yielding.indexOf(widest)] = widest - 1;
  }
  return widths;
}
