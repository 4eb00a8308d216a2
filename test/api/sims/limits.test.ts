import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../src/platform/errors";
import { givenAccount } from "../../support/given-account";

const WRONG: [patch: object, code: ErrorCode][] = [
  [{ data_limit: { total: 1_000_000, alert_treshold: 600_000 } }, "data_limit_invalid"],
  [{ data_limit: { Total: 1_000_000 } }, "data_limit_invalid"],
  [{ data_limit: { total: 1_000_000, alert_threshold: 1_000_001 } }, "data_limit_invalid"],
  [{ technologies: { "5g": true } }, "technologies_invalid"],
  [{ technologies: { SMS: false } }, "technologies_invalid"],
  [{ technologies: { "2g": false, "4g": true } }, "technologies_invalid"],
];

describe("a patch whose limit or technologies are not understood is refused", () => {
  it.each(WRONG)("%j: %s", async (patch, code) => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    const before = await acme.call("GET", `/sims/${id}`);
    expect(await acme.call("PATCH", `/sims/${id}`, patch)).toAnswer(400, code);
    expect((await acme.call("PATCH", "/sims/bulk", [{ id, ...patch }])).json).toMatchObject({
      results: [{ index: 0, id, error: code }],
    });
    expect((await acme.call("GET", `/sims/${id}`)).json).toEqual(before.json);
  });
});

it("takes a limit as it was read, and an alert at the limit itself", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const { data_limit } = (await acme.call("GET", `/sims/${id}`)).json;
  const changed = { ...data_limit, total: 1_000_000, alert_threshold: 1_000_000 };
  const answer = await acme.call("PATCH", `/sims/${id}`, { data_limit: { ...changed, used: 5 } });
  expect(answer.status).toBe(200);
  expect(answer.json.data_limit).toEqual(changed);
});

it("keeps nothing of what is only read in a limit", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const before = (await acme.call("GET", `/sims/${id}`)).json.data_limit;
  const read = { used: 9, period: "199901", resets_at: "1999-02-01T00:00:00.000Z" };
  const { json } = await acme.call("PATCH", `/sims/${id}`, { data_limit: read });
  expect(json.data_limit).toEqual(before);
});
