import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { counting, nothingSpent } from "../../../src/db/measure";
import { countingD1 } from "../../support/counting";
import { fillDeliveryLog, fillFeed } from "../../support/filled-feed";
import { givenAccount, type GivenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers } from "../../support/pipeline";

/** Rows that D1 reads for a call. */
async function rowsReadBy(
  account: Pick<GivenAccount, "call">,
  path: string,
  body?: object,
): Promise<{ rows: number; json: Record<string, unknown[]> }> {
  const { counts, d1 } = countingD1();
  const method = body ? "POST" : "GET";
  const { json } = await account.call(method, path, body, { env: { DB: d1 } });
  return { rows: counts.rowsRead, json };
}

it.each([1, 50, 1000])(
  "reads about %i rows of the feed for a page of as many events, whatever is behind them",
  async (limit) => {
    const acme = await givenAccount();
    await fillFeed(acme, { rows: 120, eventsARow: 100, sim: await acme.givenSim() });
    const { rows, json } = await rowsReadBy(acme, `/events?limit=${limit}`);
    expect(json.events).toHaveLength(limit);
    expect(rows).toBeLessThanOrEqual(2 * limit + 50);
  },
);

it.each([1, 50, 1000])(
  "reads about %i rows of the delivery log for a page of as many tries, whatever is behind them",
  async (limit) => {
    const acme = await givenAccount();
    const { id } = await acme.givenWebhook();
    await fillDeliveryLog(id, 120, 100);
    const { rows, json } = await rowsReadBy(acme, `/webhooks/${id}/deliveries?limit=${limit}`);
    expect(json.deliveries).toHaveLength(limit);
    expect(rows).toBeLessThanOrEqual(2 * limit + 50);
  },
);

it("looks at a bounded part of the feed and of the log for what few of their entries are", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const sim = await acme.givenSim();
  await fillFeed(acme, { rows: 40, eventsARow: 1000, sim });
  await fillDeliveryLog(id, 40, 1000);
  const tag = await acme.givenTag("north");
  const north = await acme.givenKey({ scopes: ["usage:read"], tags: [tag.id] });
  const feed = await rowsReadBy(north, "/events");
  expect(feed.json).toMatchObject({ events: [], pagination: { has_more: true } });
  expect(feed.rows).toBeLessThan(25_000);
  const log = await rowsReadBy(acme, `/webhooks/${id}/deliveries?status=failed`);
  expect(log.json).toMatchObject({ deliveries: [], pagination: { has_more: true } });
  expect(log.rows).toBeLessThan(25_000);
});

it.each([
  ["all events", {}, 20_000],
  ["those of a SIM that has none", { sim_id: "999999999" }, 0],
])("replays %s by reading at most four rows for each event in the period", async (_, wanted, n) => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  await fillFeed(acme, { rows: 200, eventsARow: 100, sim: await acme.givenSim() });
  const spent = nothingSpent();
  const pipeline = givenPipeline({ DB: counting(env, spent).DB });
  const body = { since: "2020-01-01T00:00:00Z", ...wanted };
  const { json } = await acme.call("POST", `/webhooks/${id}/replay`, body, { env: pipeline.env });
  expect(json.events).toBe(n);
  givenReceivers();
  await pipeline.replayAll();
  expect(spent.rowsRead).toBeLessThanOrEqual(3 * 20_000);
});

it("answers pages of at most 4 MB, however large the events are", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const text = "漢".repeat(255);
  const large = (n: number) => ({
    type: "usage",
    id: `${"i".repeat(124)}${n + 1000}`,
    time: new Date().toISOString(),
    bill_id: text,
    sim_id: sim,
    country_code: "dk",
    operation: "update",
    upload: 1e14,
    download: 1e14,
    reason: text,
    network: { name: text.slice(0, 100), country: text.slice(0, 100) },
  });
  for (let from = 0; from < 1000; from += 200)
    expect(
      await pipeline.report(...Array.from({ length: 200 }, (_, n) => large(from + n))),
    ).toAnswer(202, { accepted: 200, rejected: [] });
  while (pipeline.events.messages.length > 0)
    await pipeline.hand("simplane-events", pipeline.events.messages.splice(0, 10));
  const { text: body, json } = await acme.call("GET", "/events?limit=1000");
  expect(json.events).toHaveLength(1000);
  expect(new TextEncoder().encode(body).byteLength).toBeLessThan(4_000_000);
}, 60_000);
