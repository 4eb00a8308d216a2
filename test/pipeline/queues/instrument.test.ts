import { createMessageBatch, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { runBatch } from "../../../src/pipeline/queues/instrument";
import worker from "../../../src/index";
import { countingD1 } from "../../support/counting";
import { usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenLog } from "../../support/log";
import { failingD1, givenPipeline, givenReceivers } from "../../support/pipeline";

it("writes a line for each batch, with what it cost", async () => {
  givenReceivers();
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  await acme.givenWebhook();
  const { counts, d1 } = countingD1();
  const pipeline = givenPipeline({ DB: d1, LOG_SAMPLE: "1" });
  await pipeline.report(usageOf(sim), usageOf(sim));
  const log = givenLog();
  Object.assign(counts, { roundTrips: 0, rowsRead: 0, rowsWritten: 0 });
  await pipeline.storeAll();
  expect(log.of("batch")).toMatchObject([
    {
      queue: "simplane-events",
      messages: 1,
      acked: 1,
      retried: 0,
      d1_calls: counts.roundTrips,
      rows_read: counts.rowsRead,
      rows_written: counts.rowsWritten,
    },
  ]);
  expect(counts.rowsWritten).toBeGreaterThan(2);
  expect(await pipeline.hand("simplane-deliveries", pipeline.deliveries.messages)).toEqual({
    acked: ["0"],
    retried: [],
  });
  expect(log.of("batch")[1]).toMatchObject({ queue: "simplane-deliveries", acked: 1 });
});

it("tells what comes again, however small a share it is to log", async () => {
  const acme = await givenAccount();
  const pipeline = givenPipeline({ DB: failingD1(() => true), LOG_SAMPLE: "0" });
  await pipeline.report(usageOf(await acme.givenSim()));
  const log = givenLog();
  expect(await pipeline.storeAll()).toEqual({ acked: [], retried: ["0"] });
  expect(log.of("batch")).toMatchObject([{ messages: 1, acked: 0, retried: 1, rows_read: 0 }]);
  expect(log.of("events not stored")).toHaveLength(1);
  const well = givenPipeline({ LOG_SAMPLE: "0" });
  expect(await well.hand("simplane-events", [{ events: [] }])).toMatchObject({ acked: ["0"] });
  expect(log.of("batch")).toHaveLength(1);
});

it("tells of a batch that ends with an error, and lets it end so", async () => {
  const log = givenLog();
  const batch = createMessageBatch("simplane-replays", [
    { id: "0", timestamp: new Date(), attempts: 1, body: "hush-hush" },
  ]);
  const points: AnalyticsEngineDataPoint[] = [];
  const METRICS = { writeDataPoint: (point = {}) => void points.push(point) };
  const ending = runBatch(batch, { ...env, METRICS }, () =>
    Promise.reject(new Error("the test says no")),
  );
  await expect(ending).rejects.toThrow("the test says no");
  expect(log.of("batch failed")).toMatchObject([
    { queue: "simplane-replays", messages: 1, acked: 0, error: "Error: the test says no" },
  ]);
  expect(points).toEqual([
    expect.objectContaining({ doubles: [expect.any(Number), 0, 0, 0, 0, 1] }),
  ]);
  expect(log.text()).not.toContain("hush-hush");
});

it("tells of a cron that ends with an error", async () => {
  const log = givenLog();
  const ending = worker.scheduled(createScheduledController(), { ...env, FEED_DAYS: "many" });
  await expect(ending).rejects.toThrow("FEED_DAYS");
  expect(log.of("cron failed")[0]?.["error"]).toContain("FEED_DAYS");
  expect(log.of("cron")).toEqual([]);
});

it("writes a line for each run of the cron, with the rows that went", async () => {
  const log = givenLog();
  await worker.scheduled(createScheduledController(), env);
  const [line] = log.of("cron");
  expect(line?.removed).toMatchObject({ audit_log: 0, usage_records: 0, idempotency_keys: 0 });
  // Before it removes usage and the network log it notes until when.
  expect(line?.d1_calls).toBe(Object.keys(line?.removed).length + 2);
});
