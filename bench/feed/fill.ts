import type { Miniflare } from "miniflare";

const SIM = "900000001";

/**
 * Fills an account's feed, and a webhook's log if there is one, `aRow` entries in a row. Answers the `seq` of the first
 * row; each later row has one more.
 */
export async function fill(
  miniflare: Miniflare,
  worker: string,
  { account, webhook }: { account: string; webhook?: string },
  { entries, aRow }: { entries: number; aRow: number },
): Promise<number> {
  const d1 = await miniflare.getD1Database("DB", worker);
  const firstSeq = Date.now() - 86_400_000;
  for (let row = 0; row * aRow < entries; row += 1) {
    const numbers = Array.from({ length: aRow }, (_, index) => row * aRow + index);
    const time = firstSeq + row;
    const events = numbers.map((n) => ({
      type: "usage",
      id: `event-${n}`,
      time,
      bill_id: "1234567890-1234",
      sim_id: SIM,
      country_code: "dk",
      operation: "update",
      upload: 1024,
      download: 4096,
      details: null,
    }));
    const tries = numbers.map((n) => ({
      event_id: `event-${n}`,
      type: "usage",
      sim_id: SIM,
      attempt: 1,
      time: new Date(time).toISOString(),
      status: "accepted",
      response_status: 204,
      failure: null,
      duration_ms: 12,
    }));
    await d1
      .prepare("INSERT INTO event_feed (account_id, seq, events) VALUES (?, ?, ?)")
      .bind(account, time, JSON.stringify(events))
      .run();
    if (webhook === undefined) continue;
    await d1
      .prepare("INSERT INTO delivery_log (webhook_id, seq, deliveries) VALUES (?, ?, ?)")
      .bind(webhook, time, JSON.stringify(tries))
      .run();
  }
  return firstSeq;
}
