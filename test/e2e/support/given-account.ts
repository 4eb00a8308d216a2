import { randomInt } from "node:crypto";
import { type Answer, asOperator, listIn, objectIn, request, textIn } from "./request";

/** An id that no other SIM of the run has. */
export function newSimId(): string {
  return String(randomInt(200_000_000, 1_000_000_000));
}

/** An account of its own, with a key, and short ways to act as it. */
export async function givenAccount() {
  const id = textIn(await asOperator("POST", "/operator/accounts", { name: "Acme" }), "id");
  const { key, keyId } = await givenKey(id);
  const call = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => request(method, path, body, { authorization: key, ...headers });

  return {
    id,
    key,
    keyId,
    call,
    givenKey: () => givenKey(id),
    async givenSim(sim: { id?: string; alias?: string } = {}): Promise<string> {
      const made = { id: newSimId(), ...sim };
      objectIn(await call("POST", "/sim", made));
      return made.id;
    },
    async givenWebhook(url: string, webhook: object = {}) {
      const made = await call("POST", "/webhooks", { url, ...webhook });
      return { id: textIn(made, "id"), secret: textIn(made, "secret") };
    },
    /** What the log says of a webhook's deliveries, newest first. */
    async deliveriesTo(webhookId: string, filter = ""): Promise<Record<string, unknown>[]> {
      return listIn(await call("GET", `/webhooks/${webhookId}/deliveries?${filter}`), "deliveries");
    },
  };
}

async function givenKey(accountId: string): Promise<{ key: string; keyId: string }> {
  const made = await asOperator("POST", `/operator/accounts/${accountId}/keys`, { name: "key" });
  return { key: textIn(made, "key"), keyId: textIn(made, "id") };
}
