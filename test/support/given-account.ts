import { callAsOperator, type Answer, call, type CallOptions } from "./call";
import type { Tag } from "../../src/api/tags/responses";

let lastSim = 100_000_000;

/** An id that no other SIM of the test has. */
export function newSimId(): string {
  lastSim += 1;
  return String(lastSim);
}

/** An account of its own, with a key, and short ways to act as it. */
export async function givenAccount() {
  const { json: account } = await callAsOperator("POST", "/operator/accounts", { name: "Acme" });
  const keysPath = `/operator/accounts/${account.id}/keys`;
  const { json: first } = await callAsOperator("POST", keysPath, { name: "first" });
  const accountId: string = account.id;
  const key: string = first.key;
  const keyId: string = first.id;

  return {
    id: accountId,
    key,
    keyId,
    call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> {
      return call(method, path, body, { key, ...options });
    },
    async givenSim(sim: { id?: string; alias?: string; connector?: string } = {}) {
      const made = { id: newSimId(), ...sim };
      expectOk(await call("POST", "/sim", made, { key }));
      return made.id;
    },
    /** A SIM whose card the operator issues first, as an id needs that the core network reports events of. */
    async givenIssuedSim(id: string) {
      const sims = [{ id, account_id: accountId }];
      expectOk(await callAsOperator("PUT", "/operator/sims", { sims }));
      expectOk(await call("POST", "/sim", { id }, { key }));
    },
    async givenConnector(id = "my-connector") {
      const connector = { id, type: "https", options: { url: "https://sink.example.com/" } };
      expectOk(await call("POST", "/connector", connector, { key }));
      return id;
    },
    async givenWebhook(webhook: object = {}): Promise<{ id: string; secret: string }> {
      const url = "https://receiver.acme.com/{type}";
      const answer = await call("POST", "/webhooks", { url, ...webhook }, { key });
      expectOk(answer);
      return answer.json;
    },
    async givenTag(name: string): Promise<Tag> {
      const answer = await call("POST", "/tags", { name }, { key });
      expectOk(answer);
      return answer.json;
    },
    /** A key of these limits; without any it may do everything. */
    async givenKey(limits: object): Promise<GivenKey> {
      const answer = await callAsOperator("POST", keysPath, { name: "given", ...limits });
      expectOk(answer);
      return asGivenKey(answer.json);
    },
    revokeKey() {
      return callAsOperator("DELETE", `/operator/keys/${keyId}`);
    },
  };
}

/** Another key, and a short way to act by it. */
export interface GivenKey {
  id: string;
  key: string;
  call: typeof call;
}

export function asGivenKey({ id, key }: { id: string; key: string }): GivenKey {
  return {
    id,
    key,
    call: (method, path, body, options) => call(method, path, body, { key, ...options }),
  };
}

export type GivenAccount = Awaited<ReturnType<typeof givenAccount>>;

function expectOk(answer: Answer): void {
  if (answer.status >= 300) throw new Error(`given: ${answer.status} ${answer.text}`);
}
