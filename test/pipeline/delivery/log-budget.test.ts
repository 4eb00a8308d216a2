import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { LIMITS } from "../../../src/platform/limits";
import { removeOld } from "../../../src/pipeline/retention";
import { usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers } from "../../support/pipeline";

const DAY = 86_400_000;

/** An account whose webhooks were sent so many events. */
async function givenDelivered(events: number) {
  const acme = await givenAccount();
  const [one, other] = [await acme.givenWebhook(), await acme.givenWebhook()];
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const received = givenReceivers();
  async function send(count: number) {
    await pipeline.report(...Array.from({ length: count }, () => usageOf(sim)));
    await pipeline.storeAll();
    await pipeline.deliverAll();
  }
  const log = async ({ id }: { id: string }, key = acme) => {
    const { json } = await key.call("GET", `/webhooks/${id}/deliveries`);
    return [json.deliveries.length, json.unlisted];
  };
  await send(events);
  return { acme, one, other, received, send, log };
}

/** Lets today's log of every account have so many bytes. */
function fill(bytes: number) {
  return env.DB.prepare("UPDATE delivery_log_days SET bytes = ?").bind(bytes).run();
}

it("lists tries until the account's bytes of the day are used up, then counts them, and delivers all the same", async () => {
  const { one, other, received, send, log } = await givenDelivered(3);
  expect([await log(one), await log(other)]).toEqual([
    [3, 0],
    [3, 0],
  ]);
  await fill(LIMITS.deliveryLogBytes.most - 1);
  await send(2);
  // The first row that crosses the budget is written; which webhook's it is does not matter.
  const [[listed = 0], [others = 0]] = [await log(one), await log(other)];
  expect(listed + others).toBe(8);
  await send(5);
  expect([await log(one), await log(other)]).toEqual([
    [listed, 12],
    [others, 12],
  ]);
  expect(received).toHaveLength(20);
});

it("is counted by its bytes, an account and a day apart", async () => {
  const { acme, one, send, log } = await givenDelivered(100);
  const { bytes, stored } = (await env.DB.prepare(
    `SELECT bytes, (SELECT sum(octet_length(deliveries)) FROM delivery_log) AS stored FROM delivery_log_days WHERE account_id = ?`,
  )
    .bind(acme.id)
    .first<{ bytes: number; stored: number }>()) ?? { bytes: 0, stored: -1 };
  expect(bytes).toBe(stored);
  await fill(LIMITS.deliveryLogBytes.most);
  const stranger = await givenDelivered(3);
  expect(await stranger.log(stranger.one)).toEqual([3, 0]);
  await env.DB.prepare("UPDATE delivery_log_days SET day = day - 1").run();
  await send(4);
  expect(await log(one)).toEqual([104, 0]);
});

it("tells a key with tags nothing of the account's other webhooks", async () => {
  const { acme, send, log } = await givenDelivered(1);
  const tag = await acme.givenTag("north");
  const { id } = await acme.givenWebhook({ tags: [tag.id] });
  await fill(LIMITS.deliveryLogBytes.most);
  await send(3);
  const north = await acme.givenKey({ scopes: ["webhooks:read"], tags: [tag.id] });
  const { json } = await north.call("GET", `/webhooks/${id}/deliveries`);
  expect(json).toEqual({ deliveries: [], pagination: { has_more: false } });
  expect(await log({ id })).toEqual([0, 6]);
});

it("forgets the counts with the log", async () => {
  const { one, log, send } = await givenDelivered(1);
  await fill(LIMITS.deliveryLogBytes.most);
  await send(1);
  expect(await log(one)).toEqual([1, 2]);
  expect(await removeOld(env, Date.now() + 6 * DAY)).toMatchObject({ delivery_log_days: 0 });
  expect(await removeOld(env, Date.now() + 9 * DAY)).toMatchObject({ delivery_log_days: 1 });
  expect(await log(one)).toEqual([0, 0]);
});
