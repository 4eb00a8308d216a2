import { finished } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { Failure } from "../failures";
import { objectIn } from "../json";
import { linesOf } from "../lines";
import { cellText, type Table, tableIn, withoutEmptyEnd, withoutFormulas } from "./spreadsheet";
import { ALIASES, type Change, COLUMNS, LineError, READ_ONLY, type TagIds } from "./columns";

/** What a line of the file asks for, or the code that says what is wrong with it. */
export type Line = { line: number; id: string | null } & ({ change: Change } | { error: string });

interface Parsed {
  record: string[];
  info: { lines: number };
}

/**
 * The lines of a CSV file with a header, as spreadsheets leave it; columns are separated as its first line says, unless
 * `separator` is given. A column that is not known ends all of it: it may be a slip.
 */
export async function* readCsv(
  text: AsyncIterable<string>,
  readTags: () => Promise<TagIds>,
  separator?: string,
): AsyncGenerator<Line> {
  let header: string[] | undefined;
  let tags: TagIds = new Map();
  const table = await tableIn(text);
  for await (const { record, info } of recordsOf(table, separator ?? table.separator)) {
    const line = info.lines + table.firstLine - 1;
    const cells = record.map(cellText);
    if (header) yield { line, ...read(header, withoutEmptyEnd(cells, header.length), tags) };
    else {
      header = columnsIn(withoutEmptyEnd(cells, 0));
      if (header.includes("tags")) tags = await readTags();
    }
  }
  if (!header) throw new Failure("The file is empty.");
}

/** The lines of a file of SIMs as the API answers them, a JSON object a line. */
export async function* readNdjson(text: AsyncIterable<string>): AsyncGenerator<Line> {
  for await (const { line, text: json } of linesOf(text)) {
    const change = objectIn(json);
    const id = typeof change?.["id"] === "string" ? change["id"] : null;
    // What else is wrong with it, the API says.
    yield id === null
      ? { line, id, error: "change_invalid" }
      : { line, id, change: { ...change, id } };
  }
}

/** The file's records. Those before what is no CSV come first, however much of the file was read at once. */
async function* recordsOf(table: Table, separator: string): AsyncGenerator<Parsed> {
  const parsed: Parsed[] = [];
  let failure: Error | undefined;
  const parser = parse({
    delimiter: separator,
    // Some files have several kinds of line ends: they were put together.
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    on_record: (record: string[], { lines }) => {
      parsed.push({ record, info: { lines } });
      return null;
    },
  });
  parser.on("error", (error) => (failure = error)).resume();
  for await (const piece of withoutFormulas(table.text, separator)) {
    parser.write(piece);
    yield* parsed.splice(0);
    if (failure) break;
  }
  if (!failure) await finished(parser.end()).catch(() => undefined);
  yield* parsed.splice(0);
  if (failure instanceof CsvError) throw new Failure(`The file is no CSV: ${failure.message}`);
  if (failure) throw failure;
}

function columnsIn(header: readonly string[]): string[] {
  const columns = header.map((title) => {
    const name = title.trim().toLowerCase();
    return ALIASES[name] ?? name;
  });
  const unknown = columns.find((name) => !Object.hasOwn(COLUMNS, name) && !READ_ONLY.has(name));
  if (unknown === "") throw new Failure("A column within the header has no name.");
  if (unknown !== undefined)
    throw new Failure(
      `There is no column "${unknown}". Known are ${Object.keys(COLUMNS).join(", ")}. Columns are separated by commas, semicolons or tabs: --separator says by which.`,
    );
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw new Failure(`The column "${twice}" is there twice.`);
  if (!columns.includes("id"))
    throw new Failure(
      'The column "id" is missing: it names each SIM, by its nine digits or its ICCID. A column "iccid" is only read.',
    );
  return columns;
}

/** What a spreadsheet made of a number. */
function spoiltNumber(id: string): "id_zeros_lost" | "id_rounded" | undefined {
  if (/^\d{1,8}$/.test(id)) return "id_zeros_lost";
  return /^\d([.,]\d+)?E\+\d+$/i.test(id) ? "id_rounded" : undefined;
}

function read(header: readonly string[], record: readonly string[], tags: TagIds) {
  const id = record[header.indexOf("id")]?.trim() ?? null;
  const spoilt = id === null ? undefined : spoiltNumber(id);
  if (spoilt !== undefined) return { id, error: spoilt };
  if (id === null || record.length !== header.length) return { id, error: "columns_invalid" };
  try {
    const change: Change = { id };
    for (const [at, name] of header.entries()) {
      const part = COLUMNS[name]?.read?.(record[at] ?? "", tags) ?? {};
      const { data_limit: limit } = change;
      Object.assign(change, part);
      if (limit && part.data_limit) change.data_limit = { ...limit, ...part.data_limit };
    }
    return { id, change };
  } catch (error) {
    if (error instanceof LineError) return { id, error: error.message };
    throw error;
  }
}
