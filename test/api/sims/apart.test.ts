import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { allOf } from "../../../src/access/access";
import { openPrimary } from "../../../src/db/client";
import { findSims } from "../../../src/api/sims/search";
import { pagesOfSims } from "../../support/fleet";
import { givenAccount } from "../../support/given-account";

async function givenRow(id: string, accountId: string, label: string) {
  const iccid = `8945730000${id}0`;
  const made = "INSERT INTO sims (id, account_id, alias, active, created_at, iccid)";
  await env.DB.prepare(`${made} VALUES (?, ?, ?, 1, 0, ?)`).bind(id, accountId, label, iccid).run();
}

it("finds none of another account's SIMs where both accounts' ids begin alike", async () => {
  await givenRow("000000001", "abc-acme", "harbour 1");
  await givenRow("000000002", "abc-globex", "harbour 2");
  await givenRow("000000003", "abc", "harbour 3");
  const db = openPrimary(env.DB);
  for (const search of ["harbour", "8945730000", "00000000", "ha", "0"])
    for (const [accountId, id] of [
      ["abc-acme", "000000001"],
      ["abc-globex", "000000002"],
      ["abc", "000000003"],
    ] as const) {
      const found = await findSims(db, allOf(accountId), { search, limit: 10 });
      expect([search, found.map((sim) => sim.id)]).toEqual([search, [id]]);
    }
});

it("filters by the account's own tag, whichever accounts have one of that name", async () => {
  const acme = await givenAccount();
  const givenOther = (accountId: string) =>
    env.DB.prepare("INSERT INTO tags (id, account_id, name, created_at) VALUES (?, ?, ?, 0)")
      .bind(crypto.randomUUID(), accountId, "Boats")
      .run();
  // Before and behind it, in the order of making and in the order of accounts.
  await givenOther("!");
  const { id: tag } = await acme.givenTag("Boats");
  await givenOther("~");
  const [boat] = [await acme.givenSim(), await acme.givenSim()];
  await acme.call("PATCH", `/sims/${boat}`, { tags: [tag] });
  for (const sort of ["id", "-label"])
    expect(await pagesOfSims(acme, `filter=tag:Boats&sort=${sort}`)).toEqual([[boat]]);
});
