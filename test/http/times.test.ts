import { describe, expect, it } from "vitest";
import { usageOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { givenPipeline } from "../support/pipeline";

it("stores a record whatever the core network's library writes its time like", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const times = ["2026-11-20T10:00Z", "2026-11-20T11:00:30+0100", "2026-11-20 12:00:00.5"];
  const events = times.map((time) => usageOf(sim, { time }));
  expect(await pipeline.report(...events)).toMatchObject({ json: { accepted: 3 } });
  await pipeline.storeAll();
  const { json } = await acme.call("GET", "/usage?time_begin=2026-11-20&time_end=2026-11-21");
  expect(json.usage.map((record: { time: string }) => record.time)).toEqual([
    "2026-11-20 10:00:00",
    "2026-11-20 10:00:30",
    "2026-11-20 12:00:00",
  ]);
});

it("reads the + of a zone that nobody encoded", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim, { time: "2026-11-20T10:00:00Z" }));
  await pipeline.storeAll();
  const within = async (begin: string, end: string) =>
    (await acme.call("GET", `/usage?time_begin=${begin}&time_end=${end}`)).json.usage.length;
  expect(await within("2026-11-20T11:00:00+01:00", "2026-11-20T11:00:01+01:00")).toBe(1);
  expect(await within("2026-11-20T11:00:01+01:00", "2026-11-20T11:00:02+01:00")).toBe(0);
});

describe("a date alone begins and ends a period", () => {
  it.each([
    "/usage?time_begin=2026-11-01&time_end=2026-12-01",
    "/events?since=2026-11-01",
    "/audit-log?since=2026-11-01&until=2026-12-01",
    "/webhooks/{webhook}/deliveries?since=2026-11-01&until=2026-12-01",
    "/network-logs/{sim}?timestamp=2026-11-01",
  ])("%s", async (path) => {
    const acme = await givenAccount();
    const [sim, webhook] = [await acme.givenSim(), await acme.givenWebhook()];
    const filled = path.replace("{sim}", sim).replace("{webhook}", webhook.id);
    expect((await acme.call("GET", filled)).status).toBe(200);
    const impossible = filled.replaceAll("2026-11-01", "2026-11-31");
    expect((await acme.call("GET", impossible)).status).toBe(400);
  });
});
