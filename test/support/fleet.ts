import { env } from "cloudflare:workers";
import { openPrimary } from "../../src/db/client";
import { parseEvent } from "../../src/events/schemas";
import { storeEvents } from "../../src/pipeline/ingest/store";
import { keepUnmatched } from "../../src/pipeline/queues/unmatched";
import type { GivenAccount } from "./given-account";

/** Stores events as one run of the consumer does. */
export async function stored(...reported: object[]): Promise<void> {
  const events = reported.map((one) => {
    const parsed = parseEvent(one);
    if ("error" in parsed) throw new Error(`given: ${parsed.error}`);
    return parsed.event;
  });
  const db = openPrimary(env.DB);
  const { outcomes } = await storeEvents(db, events);
  const set = [...outcomes].flatMap(([event, outcome]) =>
    outcome.kind === "aside" ? [{ event, reason: outcome.reason }] : [],
  );
  await keepUnmatched(db, set);
}

/** A time so many minutes from now, in ISO 8601. */
export function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

export async function givenTag(account: GivenAccount, name: string): Promise<string> {
  const answer = await account.call("POST", "/tags", { name });
  if (answer.status !== 200) throw new Error(`given: ${answer.text}`);
  return answer.json.id;
}

/** The ids of all pages of `GET /sims`, page by page. */
export async function pagesOfSims(account: GivenAccount, query: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = ""; next !== undefined;) {
    const answer = await account.call("GET", `/sims?${query}${next && `&next_page=${next}`}`);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    pages.push(answer.json.sims.map(({ id }: { id: string }) => id));
    next = answer.json.pagination.next_page;
    if (answer.json.pagination.has_more !== (next !== undefined)) throw new Error(answer.text);
  }
  return pages;
}
