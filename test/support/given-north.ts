import { env } from "cloudflare:workers";
import { givenAccount } from "./given-account";

/** An account with two tags, and a key that is limited to the first. */
export async function givenNorth() {
  const acme = await givenAccount();
  const { id: north } = await acme.givenTag("north");
  const { id: south } = await acme.givenTag("south");
  const key = await acme.givenKey({ tags: [north] });
  const givenTagged = async (tags: string[], alias?: string) => {
    const id = await acme.givenSim(alias === undefined ? {} : { alias });
    await acme.call("PATCH", `/sims/${id}`, { tags });
    return id;
  };
  return { acme, north, south, key, givenTagged };
}

/** Very many SIMs that carry a tag, labelled by their place in their order. */
export async function givenMany(accountId: string, tag: string, many: number, from = 500_000_000) {
  const rows = Array.from({ length: many }, (_, n) => {
    return { id: String(from + n), label: `secret-${String(n).padStart(5, "0")}` };
  });
  await env.DB.prepare(
    `INSERT INTO sims (id, account_id, alias, active, created_at, tags)
     SELECT value ->> 'id', ?1, value ->> 'label', 1, 1, ?2 FROM json_each(?3)`,
  )
    .bind(accountId, JSON.stringify([tag]), JSON.stringify(rows))
    .run();
}
