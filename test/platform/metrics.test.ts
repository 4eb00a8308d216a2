import { expect, it } from "vitest";
import { call } from "../support/call";
import { usageOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { givenLog } from "../support/log";
import { givenPipeline, givenReceivers } from "../support/pipeline";

/** A dataset that keeps what it is given. */
function givenDataset() {
  const points: AnalyticsEngineDataPoint[] = [];
  const METRICS = {
    writeDataPoint(point: AnalyticsEngineDataPoint = {}) {
      points.push(point);
    },
  };
  return { points, METRICS };
}

it("counts each request by account, route and class of status, whatever share is logged", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const { points, METRICS } = givenDataset();
  await acme.call("GET", `/sims/${sim}`, undefined, { env: { METRICS } });
  await acme.call("GET", "/sims/000000001", undefined, { env: { METRICS } });
  await call("GET", `/nowhere/${sim}`, undefined, { env: { METRICS } });
  const number = expect.any(Number);
  const doubles = [number, 1, number, 0];
  expect(points).toEqual([
    { indexes: [acme.id], blobs: ["request", "/sims/:sim_id", "GET", "2xx", null], doubles },
    {
      indexes: [acme.id],
      blobs: ["request", "/sims/:sim_id", "GET", "4xx", "sim_not_found"],
      doubles,
    },
    {
      indexes: [""],
      blobs: ["request", null, "GET", "4xx", "not_found"],
      doubles: [number, 0, 0, 0],
    },
  ]);
});

it("counts batches, and deliveries by how they ended", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const { id } = await acme.givenWebhook({ retry: "standard" });
  const { points, METRICS } = givenDataset();
  const pipeline = givenPipeline({ METRICS });
  let answers = 0;
  givenReceivers(() => {
    answers += 1;
    return new Response(null, { status: answers === 1 ? 204 : 500 });
  });
  await pipeline.report(usageOf(sim), usageOf(sim), usageOf(sim));
  points.splice(0);
  await pipeline.storeAll();
  await pipeline.hand("simplane-deliveries", pipeline.deliveries.messages);
  const number = expect.any(Number);
  const batch = (queue: string) => ({
    indexes: [queue],
    blobs: ["batch", queue],
    doubles: [number, number, number, number, 1, 0],
  });
  expect(points).toEqual([
    batch("simplane-events"),
    { indexes: [acme.id], blobs: ["deliveries", id], doubles: [number, 1, 2, 0] },
    batch("simplane-deliveries"),
  ]);
});

it("fails no call when a point is not taken", async () => {
  const acme = await givenAccount();
  const log = givenLog();
  const METRICS = {
    writeDataPoint() {
      throw new Error("the test says no");
    },
  };
  const answer = await acme.call("GET", "/", undefined, { env: { METRICS } });
  expect(answer).toAnswer(200, { message: "OK" });
  expect(log.of("counters not written")).toHaveLength(1);
});
