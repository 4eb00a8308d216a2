import { expect, it } from "vitest";
import { callAsOperator } from "../support/call";
import { usageOf } from "../support/events";
import { stored } from "../support/fleet";
import { givenAccount } from "../support/given-account";
import { givenPipeline } from "../support/pipeline";
import { storedIn } from "../support/stored";

it("makes no key whose limit has another name: it would have no limit", async () => {
  const acme = await givenAccount();
  const path = `/operator/accounts/${acme.id}/keys`;
  for (const field of ["scope", "Scopes", "allowed_ip", "tag", "expires"]) {
    const answer = await callAsOperator("POST", path, { name: "reader", [field]: [] });
    expect(answer).toAnswer(400, "field_unknown");
    expect(answer.headers.get("x-error-detail")).toContain(`"${field}"`);
  }
  expect(await storedIn("api_keys")).toHaveLength(1);
});

it("replays nothing where dry_run has another name", async () => {
  const acme = await givenAccount();
  await stored(usageOf(await acme.givenSim()));
  const { id } = await acme.givenWebhook();
  const { env, replays } = givenPipeline();
  for (const field of ["dryRun", "dry-run", "sim", "until_"]) {
    const replay = { since: "2026-01-01T00:00:00Z", [field]: true };
    const answer = await acme.call("POST", `/webhooks/${id}/replay`, replay, { env });
    expect(answer).toAnswer(400, "field_unknown");
  }
  expect(replays.messages).toEqual([]);
});

it("refuses a field that a call does not have, of the operator's calls too", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const bodies = [
    ["POST", "/operator/accounts", { name: "Acme", limit: 5 }],
    ["POST", "/operator/events/unmatched/retry", { simid: "000000001" }],
    ["POST", "/operator/events/unmatched/1/retry", { As: "another" }],
    ["POST", "/operator/reseal", { limt: 1 }],
  ] as const;
  for (const [method, path, body] of bodies)
    expect(await callAsOperator(method, path, body)).toAnswer(400, "field_unknown");
  const test = await acme.call("POST", `/webhooks/${id}/test`, { Type: "usage" });
  expect(test).toAnswer(400, "field_unknown");
});

it("removes nothing where a parameter in the body has another name: it would remove more", async () => {
  const acme = await givenAccount();
  await stored(usageOf("000000001"), usageOf("000000002"));
  const removal = { reason: "sim_not_found", simid: "000000001" };
  const answer = await callAsOperator("DELETE", "/operator/events/unmatched", removal);
  expect(answer).toAnswer(400, "parameter_unknown");
  expect(answer.headers.get("x-error-detail")).toContain('"simid"');
  expect(await storedIn("unmatched_events")).toHaveLength(2);
  // The classic calls that name one thing pass over what else there is.
  const id = await acme.givenSim();
  expect((await acme.call("DELETE", "/sim", { id, alias: null })).status).toBe(200);
});
