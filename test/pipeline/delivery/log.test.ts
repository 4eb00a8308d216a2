import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { allOf } from "../../../src/access/access";
import { openPrimary } from "../../../src/db/client";
import { DeliveriesQuery, listDeliveries } from "../../../src/pipeline/delivery/log";
import { usageOf, validationOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers, never } from "../../support/pipeline";

interface Listed {
  event_id: string;
  status: string;
}

/** An account whose webhook was sent six events in two runs; those named `bad-...` it refused. */
async function givenDeliveries() {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const [sim, otherSim] = [await acme.givenSim(), await acme.givenSim()];
  const pipeline = givenPipeline();
  givenReceivers(
    ({ headers }) =>
      new Response(null, { status: headers.get("webhook-id")?.startsWith("bad") ? 500 : 200 }),
  );
  for (const run of [1, 2]) {
    await pipeline.report(
      usageOf(sim, { id: `good-${run}` }),
      usageOf(otherSim, { id: `bad-${run}` }),
      validationOf(sim, { id: `net-${run}` }),
    );
    await pipeline.storeAll();
    await pipeline.deliverAll();
  }
  const list = (query = "") => acme.call("GET", `/webhooks/${id}/deliveries${query}`);
  return { acme, id, sim, otherSim, pipeline, list };
}

it("lists how each delivery ended, newest first", async () => {
  const { sim, list } = await givenDeliveries();
  const { json } = await list();
  expect(json.deliveries.map(({ event_id }: Listed) => event_id.split("-")[1])).toEqual(
    "222111".split(""),
  );
  const good = json.deliveries.find(({ event_id }: Listed) => event_id === "good-2");
  expect(good).toEqual({
    event_id: "good-2",
    type: "usage",
    sim_id: sim,
    attempt: 1,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    status: "accepted",
    response_status: 200,
    failure: null,
    duration_ms: expect.any(Number),
  });
});

it("says what failed when there was no answer", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  givenReceivers(never);
  await pipeline.deliverAll({ timeoutMs: 5 });
  const { json } = await acme.call("GET", `/webhooks/${id}/deliveries`);
  expect(json.deliveries).toMatchObject([
    { status: "failed", response_status: null, failure: "timeout" },
  ]);
});

it("filters by status, type, SIM and time", async () => {
  const { otherSim, list } = await givenDeliveries();
  const count = async (query: string) => (await list(query)).json.deliveries.length;
  expect(await count("?status=failed")).toBe(2);
  expect(await count("?status=accepted")).toBe(4);
  expect(await count("?type=network-validation")).toBe(2);
  expect(await count(`?sim_id=${otherSim}`)).toBe(2);
  expect(await count(`?sim_id=${otherSim}&status=accepted`)).toBe(0);
  expect(await count("?since=2020-01-01T00:00:00Z&until=2100-01-01T00:00:00Z")).toBe(6);
  expect(await count("?since=2100-01-01T00:00:00Z")).toBe(0);
  expect(await count("?until=2020-01-01T00:00:00Z")).toBe(0);
});

it.each([1, 2, 4, 6])("is read page by page of %i, each delivery once", async (limit) => {
  const { list } = await givenDeliveries();
  const whole = (await list()).json.deliveries;
  const read = [];
  let cursor = "";
  do {
    const { json } = await list(`?limit=${limit}${cursor}`);
    read.push(...json.deliveries);
    cursor = json.pagination.next_page ? `&next_page=${json.pagination.next_page}` : "";
  } while (cursor);
  expect(read).toEqual(whole);
});

it("reads a bounded part of the log a page, and says that there is more", async () => {
  const { acme, id, sim, pipeline } = await givenDeliveries();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  const filter = DeliveriesQuery.parse({ type: "network-validation" });
  const ids: string[] = [];
  let next_page: DeliveriesQuery["next_page"];
  const pages: number[] = [];
  do {
    const query = { ...filter, next_page };
    const page = await listDeliveries(openPrimary(env.DB), allOf(acme.id), id, query, 1);
    pages.push(page.deliveries.length);
    ids.push(...page.deliveries.map(({ event_id }) => event_id));
    const cursor = page.pagination.next_page;
    next_page = cursor ? DeliveriesQuery.parse({ next_page: cursor }).next_page : undefined;
  } while (next_page);
  expect(ids).toEqual(["net-2", "net-1"]);
  expect(pages.length).toBeGreaterThan(2);
});

it("is written a row a run, and nothing else for an endpoint that answers", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  givenReceivers();
  await pipeline.report(...Array.from({ length: 100 }, () => usageOf(sim)));
  await pipeline.storeAll();
  const before = await env.DB.prepare("SELECT * FROM webhooks").first();
  await pipeline.deliverAll();
  const rows = await env.DB.prepare("SELECT count(*) AS n FROM delivery_log").first("n");
  expect(rows).toBe(1);
  expect(await env.DB.prepare("SELECT * FROM webhooks").first()).toEqual(before);
});

it("does not deliver again when the log cannot be written", async () => {
  const { acme, id, sim, pipeline } = await givenDeliveries();
  const received = givenReceivers();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  const messages = pipeline.deliveries.messages.splice(0);
  const DB = new Proxy(env.DB, {
    get: (target, name) =>
      name === "batch"
        ? () => Promise.reject(new Error("D1_ERROR: the test says no"))
        : Reflect.get(target, name).bind(target),
  });
  expect(await pipeline.hand("simplane-deliveries", messages, 1, { DB })).toEqual({
    acked: ["0"],
    retried: [],
  });
  expect(received).toHaveLength(1);
  expect((await acme.call("GET", `/webhooks/${id}/deliveries`)).json.deliveries).toHaveLength(6);
});

it("belongs to the webhook's account", async () => {
  const { id } = await givenDeliveries();
  const other = await givenAccount();
  const path = `/webhooks/${id}/deliveries`;
  expect(await other.call("GET", path)).toAnswer(404, "webhook_not_found");
});

it.each([
  ["status=lost", "status_invalid"],
  ["type=sms", "type_invalid"],
  ["sim_id=1", "sim_id_invalid"],
  ["since=x", "since_invalid"],
  ["until=2026-02-30T00:00:00Z", "until_invalid"],
  ["limit=0", "limit_invalid"],
  ["next_page=x", "next_page_invalid"],
] as const)("refuses %s", async (query, code) => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  expect(await acme.call("GET", `/webhooks/${id}/deliveries?${query}`)).toAnswer(400, code);
});
