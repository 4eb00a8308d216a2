import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { SAMPLES } from "../support/events";
import { givenAccount } from "../support/given-account";
import { givenReceiver } from "../support/receiver";
import { objectIn } from "../support/request";
import { signatureOf } from "../support/signature";

it.concurrent("sends a test event at once, and answers the first KB of what the endpoint said", async () => {
  const acme = await givenAccount();
  const said = "0123456789abcdef".repeat(128);
  const receiver = await givenReceiver((response) => response.writeHead(422).end(said));
  const { id, secret } = await acme.givenWebhook(`${receiver.url}/{type}`, { active: false });

  const type = "network-validation";
  const result = objectIn(await acme.call("POST", `/webhooks/${id}/test`, { type }));

  expect(result).toMatchObject({ accepted: false, response_status: 422, failure: null });
  expect(result.response).toBe(said.slice(0, 1024));
  const [call] = receiver.calls;
  expect(receiver.calls).toHaveLength(1);
  expect(call).toMatchObject({
    path: `/${type}`,
    headers: { "webhook-id": result.event_id, "x-event-type": type, "x-simplane-test": "true" },
  });
  expect(new Webhook(secret).verify(call?.text ?? "", signatureOf(call?.headers))).toEqual({
    ...SAMPLES[type],
    sim_id: "000000000",
  });
  expect(await acme.deliveriesTo(id)).toEqual([]);
});
