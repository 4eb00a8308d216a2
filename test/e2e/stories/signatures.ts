import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { expect, it } from "vitest";
import { report, usageOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { type Call, eventually, givenReceiver } from "../support/receiver";
import { textIn } from "../support/request";
import { signatureOf } from "../support/signature";

it.concurrent("signs so that both public libraries verify it, with the old secret and the new after a rotation", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const receiver = await givenReceiver();
  const { id, secret: first } = await acme.givenWebhook(receiver.url);
  const other = await acme.givenWebhook(receiver.url, { active: false });

  await report(usageOf(sim_id));
  const [before] = await eventually(() => calls(1));
  expect(verifies(first, before)).toEqual([true, true]);
  expect(verifies(other.secret, before)).toEqual([false, false]);

  const rotated = await acme.call("POST", `/webhooks/${id}/rotate-secret`);
  expect(rotated.status).toBe(200);
  const second = textIn(rotated, "secret");
  const hours = (Date.parse(textIn(rotated, "previous_secret_until")) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23.9);
  expect(hours).toBeLessThanOrEqual(24);
  expect(verifies(second, before)).toEqual([false, false]);

  await report(usageOf(sim_id, { bill_id: "after" }));
  const [, after] = await eventually(() => calls(2));
  expect(verifies(first, after)).toEqual([true, true]);
  expect(verifies(second, after)).toEqual([true, true]);
  expect(verifies(other.secret, after)).toEqual([false, false]);
  expect(verifies(second, after && { ...after, text: `${after.text} ` })).toEqual([false, false]);

  function calls(count: number): Call[] {
    // A call is listed when it arrives; its text is there when it has been read.
    const read = receiver.calls.filter(({ text }) => text !== "");
    expect(read).toHaveLength(count);
    return read;
  }
});

/** Whether `standardwebhooks` and `svix` take a call as one that was signed with the secret. */
function verifies(secret: string, call: Call | undefined): boolean[] {
  if (!call) throw new Error("no call");
  return [new StandardWebhook(secret), new SvixWebhook(secret)].map((webhook) => {
    try {
      // Both throw for a signature that is not the secret's.
      webhook.verify(call.text, signatureOf(call.headers));
      return true;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "WebhookVerificationError") throw error;
      return false;
    }
  });
}
