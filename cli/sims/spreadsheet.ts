import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Characters that stand between columns, by the names that the command line has for them. */
const SEPARATORS: Record<string, string> = { comma: ",", semicolon: ";", tab: "\t" };

/** A separator by its name, or itself. */
export function separatorOf(text: string): string {
  const separator = SEPARATORS[text] ?? text;
  if (!Object.values(SEPARATORS).includes(separator))
    throw new InvalidArgumentError("The separator is comma, semicolon or tab.");
  return separator;
}

export interface Table {
  separator: string;
  /** What is to be parsed, and the line of the file that it begins on. */
  text: AsyncIterable<string>;
  firstLine: number;
}

/** Longer than any header. */
const MOST_CHARACTERS = 65_536;

/** A file's table and what separates its columns: its first line says so (`sep=;`), or its header has it most often. */
export async function tableIn(text: AsyncIterable<string>): Promise<Table> {
  const chunks = text[Symbol.asyncIterator]();
  let start = "";
  while (!/\n|\r./.test(start) && start.length < MOST_CHARACTERS) {
    const { done, value } = await chunks.next();
    if (done) break;
    start += value;
  }
  start = start.replace(/^\ufeff/, "");
  const [line = "", separator] = /^"?sep=([,;\t])"?(?:\r\n|\n|\r)/i.exec(start) ?? [];
  const rest = start.slice(line.length);
  return {
    separator: separator ?? mostFrequent(rest),
    firstLine: separator === undefined ? 1 : 2,
    text: concat(rest, chunks),
  };
}

async function* concat(start: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function mostFrequent(start: string): string {
  const [header = ""] = start.trimStart().split(/\r|\n/);
  const count = (separator: string) => header.split(separator).length;
  return Object.values(SEPARATORS).reduce((best, other) =>
    count(other) > count(best) ? other : best,
  );
}

/**
 * A file whose cells that a formula keeps as text (`="0012"`) are quoted as CSV has it. Within a quoted cell such a
 * formula has doubled quotes, so that none is mistaken for a cell.
 */
export async function* withoutFormulas(
  text: AsyncIterable<string>,
  separator: string,
): AsyncGenerator<string> {
  const formula = new RegExp(`(^|[${separator}\r\n])=("[^"\r\n]*")(?=[${separator}\r\n]|$)`, "g");
  const quoted = (lines: string) => lines.replaceAll(formula, "$1$2");
  let rest = "";
  for await (const chunk of text) {
    // The newest chunk waits: a last line in a piece of its own would fail while lines before it are still to be read.
    const end = Math.max(rest.lastIndexOf("\n"), rest.lastIndexOf("\r")) + 1;
    if (end > 0) yield quoted(rest.slice(0, end));
    rest = rest.slice(end) + chunk;
  }
  yield quoted(rest);
}

/** The text of a cell that is such a formula within quotes. */
export function cellText(cell: string): string {
  return /^="(.*)"$/s.exec(cell)?.[1] ?? cell;
}

/** The cells of a record without the empty ones behind the header's last column. */
export function withoutEmptyEnd(cells: readonly string[], columns: number): readonly string[] {
  let end = cells.length;
  while (end > columns && (cells[end - 1] ?? "").trim() === "") end -= 1;
  return cells.slice(0, end);
}
