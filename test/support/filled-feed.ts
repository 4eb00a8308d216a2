import { env } from "cloudflare:workers";
import type { GivenAccount } from "./given-account";

interface Filled {
  rows: number;
  eventsARow: number;
  sim: string;
  /** The `seq` of the first row; each later row has one more. */
  firstSeq?: number;
}

/** Fills an account's feed as runs of the events' consumer do: `eventsARow` usage events in each row. */
export async function fillFeed(account: GivenAccount, { rows, eventsARow, sim, ...rest }: Filled) {
  const firstSeq = rest.firstSeq ?? Date.now() - 3_600_000;
  for (let row = 0; row < rows; row += 1) {
    const events = Array.from({ length: eventsARow }, (_, index) => ({
      type: "usage",
      id: `e-${row}-${index}`,
      time: firstSeq + row,
      bill_id: `bill-${row}`,
      sim_id: sim,
      country_code: "dk",
      operation: "update",
      upload: 1,
      download: 1,
      details: null,
    }));
    await env.DB.prepare("INSERT INTO event_feed VALUES (?, ?, ?)")
      .bind(account.id, firstSeq + row, JSON.stringify(events))
      .run();
  }
}

/** Fills a webhook's delivery log as runs of the deliveries' consumer do: `entriesARow` accepted tries in each row. */
export async function fillDeliveryLog(webhookId: string, rows: number, entriesARow: number) {
  const firstSeq = Date.now() - 3_600_000;
  for (let row = 0; row < rows; row += 1) {
    const entries = Array.from({ length: entriesARow }, (_, index) => ({
      event_id: `e-${row}-${index}`,
      type: "usage",
      sim_id: "123456789",
      attempt: 1,
      time: new Date(firstSeq + row).toISOString(),
      status: "accepted",
      response_status: 204,
      failure: null,
      duration_ms: 5,
    }));
    await env.DB.prepare("INSERT INTO delivery_log VALUES (?, ?, ?)")
      .bind(webhookId, firstSeq + row, JSON.stringify(entries))
      .run();
  }
}
