import { once } from "node:events";
import type { Writable } from "node:stream";
import { createColors } from "picocolors";
import { jsonLine, printable } from "./printable";
import { type Column, table } from "./table";

/** Rows that a table is made of at a time: a long list begins to show before it has ended. */
const ROWS_AT_ONCE = 1_000;

/** A stream that may be a terminal's. */
export type Stream = Writable & { isTTY?: boolean; columns?: number };

/** Whether text to the stream may have colours: NO_COLOR, FORCE_COLOR, else only on a terminal that is not dumb. */
export function hasColours(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  if (env["NO_COLOR"]) return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** Where results go: tables and lines for people, or an object a line for programs. */
export class Output {
  readonly colours;
  /** Of the terminal; undefined where there is none, or it does not say. */
  readonly width: number | undefined;

  constructor(
    private readonly stream: Stream,
    env: NodeJS.ProcessEnv,
    /** Whether programs read it. */
    readonly json: boolean,
  ) {
    this.colours = createColors(hasColours(stream, env));
    this.width = stream.isTTY ? stream.columns || undefined : undefined;
  }

  /** Writes a line; it is not made harmless: that is for what is put into it. Waits while the reader is behind. */
  async line(text: string): Promise<void> {
    if (!this.stream.write(`${text}\n`)) await once(this.stream, "drain");
  }

  /** One thing: its JSON, or the lines that tell it. */
  async one(value: unknown, lines: () => readonly string[]): Promise<void> {
    for (const line of this.json ? [jsonLine(value)] : lines()) await this.line(line);
  }

  /** One thing, a line for each of its fields. */
  fields(value: object): Promise<void> {
    const fields = Object.entries(value).map(([name, field]) => [name, shown(field)] as const);
    const width = Math.max(0, ...fields.map(([name]) => name.length));
    return this.one(value, () =>
      fields.map(([name, text]) => `${this.colours.dim(name.padEnd(width))}  ${text}`),
    );
  }

  /** A list: an object a line, or a table. `none` is said to people when it is empty. */
  async list<Row>(
    rows: AsyncIterable<Row> | Iterable<Row>,
    columns: readonly Column<Row>[],
    none: string,
  ): Promise<void> {
    const draw = table(columns, { width: this.width, dim: this.colours.dim });
    let isEmpty = true;
    for await (const some of chunks(rows, this.json ? 1 : ROWS_AT_ONCE)) {
      for (const line of this.json ? some.map(jsonLine) : draw(some)) await this.line(line);
      isEmpty = false;
    }
    if (isEmpty && !this.json) await this.line(none);
  }
}

/** A field's value in a line: text as it is, what has parts as JSON. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "string" ? printable(value) : jsonLine(value);
}

async function* chunks<T>(items: AsyncIterable<T> | Iterable<T>, size: number) {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
