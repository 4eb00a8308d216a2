import { expect, it } from "vitest";
import { givenAccount } from "./support/given-account";
import { asOperator, listIn, request, textIn } from "./support/request";

it("says over HTTP who changed a SIM, and exports it line by line", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const changed = await acme.call("PATCH", `/sims/${id}`, { activated: false });
  const [entry, ...rest] = listIn(await acme.call("GET", `/audit-log?sim_id=${id}`), "entries");
  expect(rest).toMatchObject([{ action: "sim.created", subject: id }]);
  expect(entry).toMatchObject({
    action: "sim.changed",
    address: "127.0.0.1",
    request_id: changed.headers["x-request-id"],
    before: { activated: true },
    after: { activated: false },
  });
  const exported = await request("GET", `/audit-log?sim_id=${id}`, undefined, {
    authorization: acme.key,
    accept: "application/x-ndjson",
  });
  expect(exported.headers["content-type"]).toBe("application/x-ndjson");
  const lines = exported.text.trimEnd().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([entry, ...rest]);
});

it("shows the operator what was done of an account", async () => {
  const account = textIn(await asOperator("POST", "/operator/accounts", { name: "Acme" }), "id");
  const path = `/operator/audit-log?account_id=${account}`;
  expect(listIn(await asOperator("GET", path), "entries")).toMatchObject([
    {
      action: "account.created",
      actor: { type: "operator", key_id: null },
      after: { name: "Acme" },
    },
  ]);
});
