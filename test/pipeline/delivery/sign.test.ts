import { expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { mintSecret, readSecret, sign } from "../../../src/pipeline/delivery/sign";

const now = () => Math.floor(Date.now() / 1000);

async function signed(secret: string, body: string) {
  const timestamp = now();
  return {
    "webhook-id": "evt_1",
    "webhook-timestamp": String(timestamp),
    "webhook-signature": await sign([await readSecret(secret)], "evt_1", timestamp, body),
  };
}

it("signs so that the public library verifies it", async () => {
  const secret = mintSecret();
  const body = JSON.stringify({ alias: "Grønland ✓" });
  const headers = await signed(secret, body);
  expect(new Webhook(secret).verify(body, headers)).toEqual({ alias: "Grønland ✓" });
});

it("signs so that a changed body, id or secret is noticed", async () => {
  const secret = mintSecret();
  const headers = await signed(secret, "{}");
  const webhook = new Webhook(secret);
  expect(() => webhook.verify("{ }", headers)).toThrow("No matching signature");
  expect(() => webhook.verify("{}", { ...headers, "webhook-id": "evt_2" })).toThrow("No matching");
  expect(() => new Webhook(mintSecret()).verify("{}", headers)).toThrow("No matching signature");
});
