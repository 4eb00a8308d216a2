import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { writeCursor } from "../../src/http/pagination";
import { usageOf } from "../support/events";
import { inMinutes, stored } from "../support/fleet";
import { asGivenKey } from "../support/given-account";
import { givenMany, givenNorth } from "../support/given-north";

/** Records of a SIM in this hour, more than a page of a key with tags looks through. */
async function givenRecords(accountId: string, sim: string) {
  const begin = Date.now() - 3_600_000;
  const rows = Array.from({ length: 5001 }, (_, n) => ({ time: begin + n, bill: `secret-${n}` }));
  await env.DB.prepare(
    `INSERT INTO usage_records (account_id, minute, sim_id, time, bill_id, operation, id, country_code, upload, download, run)
     SELECT ?1, (value ->> 'time') / 60000, ?2, value ->> 'time', value ->> 'bill', 'start', '', 'se', 1, 1, 1
     FROM json_each(?3)`,
  )
    .bind(accountId, sim, JSON.stringify(rows))
    .run();
}

function readable(cursor: string): string {
  return new TextDecoder().decode(Uint8Array.fromBase64(cursor, { alphabet: "base64url" }));
}

describe("the cursor of a key with tags", () => {
  it("does not say at which SIM of others a page ended, and goes on behind it", async () => {
    const { acme, north, south, givenTagged } = await givenNorth();
    await givenMany(acme.id, south, 4100);
    const own = await givenTagged([north], "z");
    const west = (await acme.givenTag("west")).id;
    const both = await acme.givenKey({ tags: [north, west] });
    const first = (await both.call("GET", "/sims?sort=label")).json;
    expect(first.sims).toEqual([]);
    expect(readable(first.pagination.next_page)).not.toContain("secret");
    const path = `/sims?next_page=${first.pagination.next_page}`;
    const second = (await both.call("GET", path)).json;
    expect(second.sims.map(({ id }: { id: string }) => id)).toEqual([own]);
    const question = { filter: {}, sort: "label", after: ["secret-00005", "0"] };
    const forged = await both.call("GET", `/sims?next_page=${writeCursor(question)}`);
    expect(forged).toAnswer(400, "next_page_invalid");
  });

  it("of usage does not tell of others' records either, in both APIs", async () => {
    const { acme, south, key, givenTagged } = await givenNorth();
    await givenRecords(acme.id, await givenTagged([south]));
    const ended = [];
    for (const path of ["/usage", `/usage?filter=time:${new Date().toISOString().slice(0, 7)}`]) {
      const { usage, pagination } = (await key.call("GET", path)).json;
      expect(usage).toEqual([]);
      expect(readable(pagination.next_page)).not.toContain("secret");
      const next = `${path}${path.includes("?") ? "&" : "?"}next_page=${pagination.next_page}`;
      ended.push((await key.call("GET", next)).json.pagination.has_more);
      const whole = await acme.call("GET", next);
      expect(whole).toAnswer(400, "next_page_invalid");
    }
    expect(ended).toEqual([false, false]);
    const after = { time: 1, sim_id: "999999999", bill_id: "", operation: "start", id: "" };
    const made = { end: Date.now(), upload: "0", download: "0", after };
    const forged = await key.call("GET", `/usage?next_page=${writeCursor(made)}`);
    expect(forged).toAnswer(400, "next_page_invalid");
  });

  it("is good for its key and the key's tags only, and for the key that a rotation made", async () => {
    const { acme, north, south, key } = await givenNorth();
    const bytes = (n: number) => ({ time: inMinutes(-n), upload: "123457", download: "0" });
    const sim = await acme.givenSim();
    await acme.call("PATCH", `/sims/${sim}`, { tags: [north] });
    await stored(usageOf(sim, bytes(2)), usageOf(sim, bytes(1)));
    const period = `time_begin=${inMinutes(-3000)}&time_end=${inMinutes(1)}`;
    const { pagination } = (await key.call("GET", `/usage?limit=1&${period}`)).json;
    const next = `/usage?limit=1&${period}&next_page=${pagination.next_page}`;
    const other = await acme.givenKey({ tags: [south] });
    const twin = await acme.givenKey({ tags: [north] });
    for (const caller of [other, twin])
      expect(await caller.call("GET", next)).toAnswer(400, "next_page_invalid");
    const rotated = await acme.call("POST", `/keys/${key.id}/rotate`, {});
    for (const caller of [key, asGivenKey(rotated.json)])
      expect((await caller.call("GET", next)).status).toBe(200);
    await acme.call("PATCH", `/keys/${key.id}`, { tags: [north, south] });
    expect(await key.call("GET", next)).toAnswer(400, "next_page_invalid");
  });

  it("is good for the list that it is of, in its account, only", async () => {
    const { acme, north, key } = await givenNorth();
    await givenMany(acme.id, north, 3, 510_000_000);
    const other = await givenNorth();
    const { pagination } = (await key.call("GET", "/sims?limit=1")).json;
    expect((await key.call("GET", `/sims?next_page=${pagination.next_page}`)).status).toBe(200);
    for (const [caller, path] of [
      [key, "/usage"],
      [other.key, "/sims"],
    ] as const) {
      const answer = await caller.call("GET", `${path}?next_page=${pagination.next_page}`);
      expect(answer).toAnswer(400, "next_page_invalid");
    }
  });
});
