import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers } from "../../support/pipeline";

async function deliveryOf(sim: string) {
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  const received = givenReceivers();
  await pipeline.deliverAll();
  const [{ body, headers } = { body: "", headers: new Headers() }] = received;
  return (secret: string) => {
    try {
      new Webhook(secret).verify(body, Object.fromEntries(headers));
      return true;
    } catch {
      return false;
    }
  };
}

it("signs with the new and the old secret for 24 hours, then with the new one only", async () => {
  const acme = await givenAccount();
  const { id, secret: old } = await acme.givenWebhook();
  const sim = await acme.givenSim();
  const { json } = await acme.call("POST", `/webhooks/${id}/rotate-secret`);
  expect(json.secret).toMatch(/^whsec_/);
  expect(json.secret).not.toBe(old);
  const overlap = Date.parse(json.previous_secret_until) - Date.now();
  expect(Math.abs(overlap - 24 * 3_600_000)).toBeLessThan(60_000);

  const verifies = await deliveryOf(sim);
  expect([verifies(json.secret), verifies(old)]).toEqual([true, true]);

  await env.DB.prepare(
    "UPDATE webhooks SET previous_secrets = json_replace(previous_secrets, '$[0].until', ?)",
  )
    .bind(Date.now() - 1)
    .run();
  const later = await deliveryOf(sim);
  expect([later(json.secret), later(old)]).toEqual([true, false]);
});

it("shows neither secret afterwards, and belongs to the account", async () => {
  const [acme, other] = [await givenAccount(), await givenAccount()];
  const { id, secret: old } = await acme.givenWebhook();
  const { json } = await acme.call("POST", `/webhooks/${id}/rotate-secret`);
  const { text } = await acme.call("GET", `/webhooks/${id}`);
  expect([text.includes(json.secret), text.includes(old)]).toEqual([false, false]);
  expect(await other.call("POST", `/webhooks/${id}/rotate-secret`)).toAnswer(
    404,
    "webhook_not_found",
  );
});

it("keeps every secret that was promised a day when it is rotated again, five at most", async () => {
  const acme = await givenAccount();
  const { id, secret: old } = await acme.givenWebhook();
  const sim = await acme.givenSim();
  const rotate = () => acme.call("POST", `/webhooks/${id}/rotate-secret`);
  const secrets = [old];
  for (let times = 0; times < 5; times += 1) secrets.push((await rotate()).json.secret);
  expect(await rotate()).toAnswer(409, "secret_limit_reached");
  const verifies = await deliveryOf(sim);
  expect(secrets.map(verifies)).toEqual(secrets.map(() => true));
});
