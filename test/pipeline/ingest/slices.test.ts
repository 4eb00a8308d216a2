import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { countingD1 } from "../../support/counting";
import { usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { failingD1, givenPipeline } from "../../support/pipeline";

/** Messages of 100 events each. */
async function givenMessages(count: number) {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  return Array.from({ length: count }, () => ({
    events: Array.from({ length: 100 }, () => usageOf(sim)),
  }));
}

async function stored() {
  return env.DB.prepare("SELECT count(*) AS n FROM usage_records").first("n");
}

it.each([
  [10, 1],
  [11, 2],
  [25, 3],
])("stores %i messages of 100 events in D1 batches of a thousand: %i", async (count, batches) => {
  const messages = await givenMessages(count);
  const { counts, d1: DB } = countingD1();
  const { acked } = await givenPipeline().hand("simplane-events", messages, 1, { DB });
  expect(acked).toHaveLength(count);
  expect(counts.roundTrips).toBe(batches);
  expect(await stored()).toBe(count * 100);
});

it("keeps a message whole, however many events it has", async () => {
  const messages = await givenMessages(12);
  const large = { events: messages.splice(0, 11).flatMap(({ events }) => events) };
  const { counts, d1: DB } = countingD1();
  const { acked } = await givenPipeline().hand("simplane-events", [large, ...messages], 1, { DB });
  expect([acked.length, counts.roundTrips]).toEqual([2, 2]);
  expect(await stored()).toBe(1200);
});

it("tries again only the messages whose slice D1 refused", async () => {
  const messages = await givenMessages(21);
  const DB = failingD1((call) => call === 2);
  const result = await givenPipeline().hand("simplane-events", messages, 1, { DB });
  expect(result.retried).toEqual(Array.from({ length: 10 }, (_, index) => String(10 + index)));
  expect(result.acked).toHaveLength(11);
  expect(await stored()).toBe(1100);
});
