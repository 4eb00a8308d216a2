import { randomInt, randomUUID } from "node:crypto";
import { inject } from "vitest";
import * as shown from "../../../openapi/examples";
import { report, usageOf } from "../support/events";
import { givenAccount, newSimId } from "../support/given-account";
import { eventually } from "../support/receiver";
import { type Answer, asOperator, listIn, objectIn, request, textIn } from "../support/request";
import type { Example } from "./examples";

/** What an operation makes must not be there before it, though its examples name it. */
const MAKES: Record<string, string> = {
  createClassicSim: shown.SIM,
  createClassicConnector: shown.CONNECTOR,
  createConnector: shown.CONNECTOR,
  createNetworkList: shown.NETWORK_LIST,
};

/** Sends an example from an account of its own, in which there is what the example names. */
export async function send(example: Example): Promise<Answer> {
  const acme = await givenAccount();
  const text = JSON.stringify([example.url, example.body]);
  const names = (value: string) => text.includes(value) && MAKES[example.operation] !== value;
  const made = async (path: string, body: object, field = "id") =>
    textIn(await acme.call("POST", path, body), field);

  const real = new Map<string, string>([
    [shown.ACCOUNT, acme.id],
    [shown.ICCID, digits(20)],
    [shown.IMSI, digits(15)],
  ]);
  if (names(shown.SIM) || names(shown.EVENT)) real.set(shown.SIM, await acme.givenSim());
  else real.set(shown.SIM, newSimId());
  real.set(shown.OTHER_SIM, names(shown.OTHER_SIM) ? await acme.givenSim() : newSimId());
  if (names(shown.TAG)) real.set(shown.TAG, await made("/tags", { name: "Suppliers" }));
  if (names(shown.CONNECTOR))
    await acme.call("POST", "/connector", {
      id: shown.CONNECTOR,
      type: "https",
      options: { url: "https://ingest.example.com/t" },
    });
  if (names(shown.NETWORK_LIST))
    await made("/network-whitelists", { name: shown.NETWORK_LIST }, "name");
  if (names(shown.WEBHOOK))
    real.set(shown.WEBHOOK, await made("/webhooks", { url: "http://127.0.0.1:9/{type}" }));
  if (names(shown.KEY)) real.set(shown.KEY, await made("/keys", { name: "old", scopes: ["*"] }));
  if (names(shown.EVENT)) real.set(shown.EVENT, await storedEvent(acme, real.get(shown.SIM) ?? ""));
  if (names(shown.UNMATCHED)) real.set(shown.UNMATCHED, await unmatchedEvent());
  if (example.operation === "removeTagFromSim")
    objectIn(await acme.call("PUT", as(example.url, real)));

  if (REPLAYING.has(example.operation)) await runningReplay(acme, real.get(shown.WEBHOOK) ?? "");

  const keys = { account: acme.key, operator: inject("server").operatorKey, nobody: undefined };
  const key = keys[example.caller];
  return request(example.method, as(example.url, real), example.body && as(example.body, real), {
    ...example.headers,
    ...(key !== undefined && { authorization: key }),
  });
}

const REPLAYING = new Set(["getReplay", "cancelReplay"]);

/** A replay that goes on for 10 seconds: 100 events a second are sent. */
async function runningReplay(
  acme: Awaited<ReturnType<typeof givenAccount>>,
  webhookId: string,
): Promise<void> {
  const sim = await acme.givenSim();
  await report(...Array.from({ length: 1000 }, (_, n) => usageOf(sim, { bill_id: `bill-${n}` })));
  const since = { since: "2026-01-01T00:00:00Z" };
  await eventually(async () => {
    const counted = await acme.call("POST", `/webhooks/${webhookId}/replay`, {
      ...since,
      dry_run: true,
    });
    if (objectIn(counted)["events"] !== 1000) throw new Error("not stored yet");
  });
  objectIn(await acme.call("POST", `/webhooks/${webhookId}/replay`, since));
}

/** A text with what there is in place of what the examples name; the longest first, since an event's id holds its SIM's. */
function as(text: string, real: Map<string, string>): string {
  const pairs = [...real].toSorted(([a], [b]) => b.length - a.length);
  return pairs.reduce((said, [name, value]) => said.replaceAll(name, value), text);
}

function digits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join("");
}

async function storedEvent(
  acme: Awaited<ReturnType<typeof givenAccount>>,
  simId: string,
): Promise<string> {
  await report(usageOf(simId));
  return eventually(async () => {
    const [event] = listIn(await acme.call("GET", "/events"), "events");
    if (!event) throw new Error("not stored yet");
    return String(event["id"]);
  });
}

async function unmatchedEvent(): Promise<string> {
  const bill = randomUUID();
  await report(usageOf(newSimId(), { bill_id: bill }));
  return eventually(async () => {
    const listed = listIn(await asOperator("GET", "/operator/events/unmatched"), "events");
    const event = listed.find((one) => JSON.stringify(one).includes(bill));
    if (!event) throw new Error("not kept yet");
    return String(event["id"]);
  });
}
