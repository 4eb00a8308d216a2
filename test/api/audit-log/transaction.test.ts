import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { SYSTEM } from "../../../src/db/audited";
import { actingAs, openPrimary } from "../../../src/db/client";
import { tags } from "../../../src/db/tables";
import { countingD1, roundTripsOf } from "../../support/counting";
import { describe as describeError } from "../../../src/platform/log";
import { storedIn } from "../../support/stored";
import { givenWorld } from "./writes";

it("asks D1 once, as before", async () => {
  const { acme, sim, tag, webhook } = await givenWorld();
  const calls: [method: string, path: string, body?: object][] = [
    ["PATCH", `/sims/${sim}`, { label: "x" }],
    ["PATCH", "/sims/bulk", [{ id: sim, activated: false }]],
    ["POST", "/sim", { id: "999999999" }],
    ["PATCH", `/tags/${tag}`, { name: "x" }],
    ["DELETE", `/webhooks/${webhook}`],
    ["GET", "/audit-log"],
    ["GET", "/audit-log?action=sim"],
  ];
  for (const [method, path, body] of calls)
    expect(await roundTripsOf(acme, method, path, body)).toBe(1);
});

it("costs a row for the entry, one for the budget, and two to say who acts", async () => {
  const { acme, sim } = await givenWorld();
  const written = async (body: object, path = `/sims/${sim}`) => {
    const { counts, d1 } = countingD1();
    await acme.call("PATCH", path, body, { env: { DB: d1 } });
    return counts.rowsWritten;
  };
  // No index holds `imei_lock`.
  expect(await written({ imei_lock: "358299840000001" })).toBe(1 + 4);
  expect(await written({ imei_lock: "358299840000001" })).toBe(1 + 2);
  const two = [sim, await acme.givenSim()].map((id) => ({ id, imei_lock: null }));
  expect(await written(two, "/sims/bulk")).toBe(2 + 1 + 3);
});

it("throws where a write would not be audited", async () => {
  const db = actingAs(openPrimary(env.DB), SYSTEM);
  const row = { id: "a", accountId: "b", name: "c", createdAt: 1 };
  const writes = [
    db.insert(tags).values(row),
    db.update(tags).set({ name: "d" }),
    db.delete(tags).where(eq(tags.id, "a")).returning(),
    db.run("DELETE FROM tags"),
  ];
  for (const write of writes)
    expect(describeError(await write.then(String, (error: unknown) => error))).toContain(
      "a write outside a batch would not be audited",
    );
  expect(await storedIn("tags")).toEqual([]);
  expect(await db.select().from(tags)).toEqual([]);
});

it("says who acts only where something is written", async () => {
  const db = actingAs(openPrimary(env.DB), SYSTEM);
  const [read] = await db.batch([db.select().from(tags)]);
  expect(read).toEqual([]);
  const context = db.$client.prepare("SELECT count(*) AS n FROM audit_context");
  const [rows] = await db.$client.batch<{ n: number }>([context]);
  expect(rows?.results).toEqual([{ n: 0 }]);
});

it("is not rewritten", async () => {
  await givenWorld();
  const rewrite = env.DB.prepare("UPDATE audit_log SET actor = 'system'").run();
  await expect(rewrite).rejects.toThrow("the audit log is not changed");
});
