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

interface Look {
  width?: number | undefined;
  dim?: (text: string) => string;
}

/**
 * Draws rows under their titles, a line each, and more of them when it is called again: then without the titles, and with no
 * column narrower than before. `width` is the terminal's: what has no room is cut, the widest column first; without it nothing is.
 */
export function table<Row>(
  columns: readonly Column<Row>[],
  { width = Infinity, dim = (text: string) => text }: Look = {},
): (rows: readonly Row[]) => string[] {
  const titles = columns.map((column) => column.title);
  let widths: number[] | undefined;
  const line = (texts: readonly string[]) =>
    columns
      .map((column, at) => fit(texts[at] ?? "", widths?.[at] ?? 0, column.align))
      .join(GAP)
      .trimEnd();
  return (rows) => {
    const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
    const isFirst = widths === undefined;
    widths = widthsWithin(width, columns, [titles, ...cells], widths);
    return [...(isFirst ? [dim(line(titles))] : []), ...cells.map(line)];
  };
}

function widthsWithin<Row>(
  width: number,
  columns: readonly Column<Row>[],
  lines: readonly (readonly string[])[],
  before: readonly number[] = [],
): number[] {
  const widths = columns.map((_, at) =>
    lines.reduce(
      (widest, texts) => Math.max(widest, stringWidth(texts[at] ?? "")),
      before[at] ?? 0,
    ),
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
