import { expect, it } from "vitest";
import { countingD1 } from "../../support/counting";
import { usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenMany } from "../../support/given-north";
import { givenPipeline, givenReceivers } from "../../support/pipeline";
import { retryAndStore, unmatched } from "../../support/unmatched";

const since = "2020-01-01T00:00:00Z";

/** An account whose webhook accepts all but what is of one SIM. */
async function givenRefused(sim: string) {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const { counts, d1 } = countingD1();
  const pipeline = givenPipeline({ DB: d1 });
  givenReceivers(async (request) => {
    const text = await request.text();
    return new Response(null, { status: text.includes(sim) ? 503 : 204 });
  });
  /** Replays what ended so; answers what was said of it, the SIMs that were sent and the rows that its steps read. */
  async function replay(filter: object) {
    const received = givenReceivers();
    const path = `/webhooks/${id}/replay`;
    const answer = await acme.call("POST", path, { since, ...filter }, { env: pipeline.env });
    counts.rowsRead = 0;
    await pipeline.replayAll();
    const sent = received.map(({ body }) => body);
    return { answer, sent, read: counts.rowsRead };
  }
  return { acme, pipeline, replay };
}

it("a replay of what failed sends no other SIM's event of the same id, and finds its own among very many", async () => {
  const sim = "500001199";
  const { acme, pipeline, replay } = await givenRefused(sim);
  await givenMany(acme.id, "", 1200);
  for (let first = 0; first < 1200; first += 600)
    await pipeline.report(
      ...Array.from({ length: 600 }, (_, n) =>
        usageOf(String(500_000_000 + first + n), { id: "1" }),
      ),
    );
  await pipeline.storeAll();
  await pipeline.deliverAll();
  const { answer, sent, read } = await replay({ status: "failed" });
  expect(answer).toAnswer(202, { events: 1 });
  expect(sent).toEqual([expect.stringContaining(sim)]);
  // The log's 1,200 entries come in steps of 500.
  expect(read).toBeLessThan(2 * (1200 + 500 + 500) + 200);
  expect((await replay({ status: "accepted" })).answer).toAnswer(202, { events: 1200 });
});

it("an event by its id reads no more where very many SIMs have that id", async () => {
  const { acme, pipeline } = await givenRefused("none");
  await givenMany(acme.id, "", 300);
  await pipeline.report(
    ...Array.from({ length: 300 }, (_, n) => usageOf(String(500_000_000 + n), { id: "1" })),
  );
  await pipeline.storeAll();
  const { counts, d1 } = countingD1();
  const answer = await acme.call("GET", "/events/1", undefined, { env: { DB: d1 } });
  expect([answer.status, answer.json.id]).toEqual([200, "1"]);
  expect(counts.rowsRead).toBeLessThan(30);
});

it("an event that counts as another is replayed from the log once", async () => {
  const { acme, pipeline, replay } = await givenRefused("none");
  const sim = await acme.givenSim();
  for (const upload of [1, 2]) {
    await pipeline.report(usageOf(sim, { bill_id: "b", upload }));
    await pipeline.storeAll();
  }
  const [kept] = await unmatched(pipeline);
  await retryAndStore(pipeline, kept.id, { as: "another" });
  await pipeline.deliverAll();
  const { answer, sent } = await replay({ status: "accepted" });
  expect(answer).toAnswer(202, { events: 2 });
  expect(sent).toHaveLength(2);
});
