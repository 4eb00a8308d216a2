import { env } from "cloudflare:workers";
import { openPrimary } from "../../../src/db/client";
import { parseEvent } from "../../../src/events/schemas";
import { storeEvents } from "../../../src/pipeline/ingest/store";
import type { Answer } from "../../support/call";
import type { GivenAccount } from "../../support/given-account";

/** A usage record as it is reported, but for its SIM and its bill. */
export interface Reported {
  sim_id: string;
  bill_id?: string;
  time?: string;
  id?: string;
  country_code?: string;
  operation?: string;
  upload?: number | string;
  download?: number | string;
  session_id?: string;
  network_type?: string;
  network?: { mcc?: string; mnc?: string };
}

let bills = 0;

/** What `/usage` answers of a record reported so; each of another bill unless told. */
export function recordOf(changes: Omit<Reported, "id">) {
  bills += 1;
  return {
    time: "2026-03-10 12:00:00",
    bill_id: `bill-${String(bills).padStart(6, "0")}`,
    country_code: "dk",
    operation: "update",
    ...changes,
    upload: String(changes.upload ?? 10),
    download: String(changes.download ?? 100),
  };
}

/** Stores usage as one run of the events' consumer does. */
export async function givenUsage(...reported: Reported[]): Promise<void> {
  const events = reported.map((one) => {
    const parsed = parseEvent({ ...recordOf(one), type: "usage" });
    if ("error" in parsed) throw new Error(`given: ${parsed.error}`);
    return parsed.event;
  });
  await storeEvents(openPrimary(env.DB), events);
}

/** Asks for usage; a time as the API takes it. */
export function usageOf(account: GivenAccount, query: Record<string, string>): Promise<Answer> {
  return account.call("GET", `/usage?${new URLSearchParams(query).toString()}`);
}

/** Asks for usage of the fleet API; each filter as `key:value`. */
export function fleetUsageOf(
  account: GivenAccount,
  path: string,
  filters: string[] = [],
  query: Record<string, string> = {},
): Promise<Answer> {
  const pairs = [...filters.map((one) => ["filter[]", one]), ...Object.entries(query)];
  return account.call("GET", `${path}?${new URLSearchParams(pairs).toString()}`);
}

/** Follows `next_page` to the end; answers what each page lists. */
export async function fleetPagesOf(
  account: GivenAccount,
  path: string,
  filters: string[] = [],
  query: Record<string, string> = {},
): Promise<Record<string, unknown>[][]> {
  const pages: Record<string, unknown>[][] = [];
  for (let next: string | undefined = ""; next !== undefined;) {
    const more = { ...query, ...(next && { next_page: next }) };
    const answer = await fleetUsageOf(account, path, next ? [] : filters, more);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    pages.push(answer.json.usage);
    next = answer.json.pagination.next_page;
  }
  return pages;
}

export type UsageRecord = ReturnType<typeof recordOf>;

/** Follows `next_page` to the end; answers the records of each page. */
export async function pagesOf(
  account: GivenAccount,
  query: Record<string, string>,
): Promise<UsageRecord[][]> {
  const pages: UsageRecord[][] = [];
  for (let next: string | undefined = ""; next !== undefined;) {
    const answer = await usageOf(account, { ...query, ...(next && { next_page: next }) });
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    const { usage, pagination } = answer.json;
    pages.push(usage);
    if (pagination.has_more !== (pagination.next_page !== undefined))
      throw new Error(`has_more does not go with next_page: ${answer.text}`);
    next = pagination.next_page;
  }
  return pages;
}
