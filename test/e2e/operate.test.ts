import { readFile } from "node:fs/promises";
import { expect, inject, it } from "vitest";
import { report, usageOf } from "./support/events";
import { givenAccount } from "./support/given-account";
import { eventually } from "./support/receiver";
import { asOperator, isObject, objectIn, request } from "./support/request";

/** The log's lines that say so much. */
async function linesWith(fields: Record<string, unknown>): Promise<Record<string, unknown>[]> {
  const text = await readFile(inject("server").log, "utf8");
  return text
    .split("\n")
    .filter((line) => line.startsWith('{"message":'))
    .map((line): unknown => JSON.parse(line))
    .filter((line) => isObject(line))
    .filter((line) => Object.entries(fields).every(([name, value]) => line[name] === value));
}

it("answers a load balancer", async () => {
  expect(await request("GET", "/healthz")).toMatchObject({ status: 200, text: '{"message":"OK"}' });
  expect(await request("HEAD", "/healthz")).toMatchObject({ status: 200, text: "" });
});

it("tells the operator how its parts do", async () => {
  const health = objectIn(await asOperator("GET", "/operator/health"));
  expect(health).toMatchObject({ ok: true, database: { ok: true }, key_cache: { ok: true } });
  const queue = { ok: true, backlog: expect.any(Number) };
  expect(health["queues"]).toMatchObject({ events: queue, replays: queue, deliveries_dead: queue });
  const acme = await givenAccount();
  expect(await acme.call("GET", "/operator/health")).toMatchObject({ status: 403 });
});

it("writes a line of each call and batch to the log, by the id that the caller was told", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const { headers } = await acme.call("PATCH", `/sims/${sim}`, { label: "hush-hush" });
  await report(usageOf(sim));
  await eventually(async () => {
    expect(await linesWith({ request_id: headers["x-request-id"] })).toMatchObject([
      {
        message: "request",
        method: "PATCH",
        route: "/sims/:sim_id",
        status: 200,
        account_id: acme.id,
        key_id: acme.keyId,
        d1_calls: 1,
      },
    ]);
    expect(await linesWith({ message: "batch", queue: "simplane-events" })).not.toEqual([]);
  });
  const own = JSON.stringify(await linesWith({ account_id: acme.id }));
  expect(own).not.toContain("hush-hush");
  expect(own).not.toContain(sim);
});
