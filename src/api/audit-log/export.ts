import type { Db } from "../../db/client";
import { writeCursor } from "../../http/pagination";
import { logFailure } from "../../platform/log";
import { readAudit, type Reader } from "./list";
import type { AuditQuery } from "./schemas";

/** Entries that are in memory at once. */
const PAGE = 500;
/** A Worker may ask D1 a thousand times, and a page asks three times. */
const MOST_PAGES = 300;

/**
 * All entries that are asked for, one a line, read as they are taken. Past so many pages the last line is
 * `{"next_page": ...}`, to go on from there. The first page is read before: what it throws can still be answered.
 * `onPage` is called after each page.
 */
export async function exportAudit(
  db: Db,
  reader: Reader,
  query: AuditQuery,
  { limit = PAGE, pages = MOST_PAGES, onPage = () => {} } = {},
): Promise<ReadableStream<Uint8Array>> {
  const read = (next_page: number | undefined) =>
    readAudit(db, reader, { ...query, limit, next_page });
  const first = await read(query.next_page);

  async function* lines(): AsyncGenerator<Uint8Array> {
    let page = first;
    for (let left = pages - 1; ; left -= 1) {
      onPage();
      if (page.entries.length > 0) yield asLines(page.entries);
      if (page.next === undefined) return;
      if (left === 0) {
        yield asLines([{ next_page: writeCursor(page.next) }]);
        return;
      }
      page = await read(page.next);
    }
  }
  return streamOf(lines());
}

/** Takes the next chunk when the reader wants it. What fails in between breaks the answer off, and is logged. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        logFailure("export broken off", error);
        throw error;
      }
    },
  });
}

function asLines(values: readonly object[]): Uint8Array {
  const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
  return new TextEncoder().encode(text);
}
