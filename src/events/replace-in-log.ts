import { sql } from "drizzle-orm";
import { type Db, statement } from "../db/client";
import { type Event, idByContent, type NetworkEvent } from "./catalogue";
import { compare, findStored } from "./compare";
import type { Owned } from "./correct";
import { splitDetails } from "./details";
import { appendEntries } from "./feed";
import { insertNetworkLog } from "./network-log";
import { aside, type Outcome } from "./outcome";
import { randomRun } from "./run";
import { settleReports } from "./settled-reports";

/** Puts network events in the place of those of the log with the same identity, each in a D1 batch of its own. */
export async function replaceInLog(db: Db, owned: readonly Owned[]): Promise<Map<Event, Outcome>> {
  const outcomes = new Map<Event, Outcome>();
  for (const { event, accountId } of owned)
    if (event.type !== "usage") outcomes.set(event, await replaceOne(db, event, accountId));
  return outcomes;
}

async function replaceOne(db: Db, event: NetworkEvent, accountId: string): Promise<Outcome> {
  const run = randomRun();
  const told = { ...event, id: await idByContent(event) };
  const compared = compare([event], await findStored(db, [event]), run);
  const standing = compared.get(event) ?? aside("replaces_not_found");
  if (standing.kind !== "aside") return { kind: "repeat", told };
  const { stored } = standing;
  if (!stored || stored.type === "usage") return aside("replaces_not_found");
  const { sim_id, time, type, imei, country_code, id } = stored;
  await db.batch([
    settleReports(db, [stored]),
    statement(
      db,
      sql`DELETE FROM network_log WHERE account_id = ${accountId} AND sim_id = ${sim_id} AND time = ${time}
        AND type = ${type} AND imei = ${imei ?? ""} AND country_code = ${country_code ?? ""} AND id = ${id ?? ""}`,
    ),
    insertNetworkLog(db, [event], run),
    appendEntries(
      db,
      sql`SELECT ${accountId} AS account_id, ${JSON.stringify(splitDetails(told))} AS event`,
    ),
  ]);
  return { kind: "fresh", told };
}
