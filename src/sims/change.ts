import { type SQL, sql } from "drizzle-orm";
import { type Db, statement } from "../db/client";
import { ApiError, type ErrorCode } from "../errors";
import { tagsOfAccount } from "../tags/queries";
import type { Change, SimPatch } from "./changes";
import {
  ALL_TECHNOLOGIES,
  asFleetSim,
  DEFAULT_LIMIT,
  fleetColumns,
  type FleetRow,
  type FleetSim,
} from "./fleet-sim";
import { simIdOf } from "./ref";

/** Each field that can be changed: its column, and the column's value after the change. */
const FIELDS: Record<keyof Changeable, { column: string; value: SQL }> = {
  label: { column: "alias", value: sql`patch ->> 'label'` },
  network_whitelist: { column: "network_list", value: sql`patch ->> 'network_whitelist'` },
  imei_lock: { column: "imei_lock", value: sql`patch ->> 'imei_lock'` },
  connector: { column: "connector_id", value: sql`patch ->> 'connector'` },
  activated: { column: "active", value: sql`patch ->> 'activated'` },
  tags: { column: "tags", value: sql`patch ->> 'tags'` },
  data_limit: { column: "data_limit", value: merged("data_limit", DEFAULT_LIMIT) },
  technologies: { column: "technologies", value: merged("technologies", ALL_TECHNOLOGIES) },
};
type Changeable = Pick<
  SimPatch,
  | "label"
  | "network_whitelist"
  | "imei_lock"
  | "connector"
  | "activated"
  | "tags"
  | "data_limit"
  | "technologies"
>;

function merged(column: string, otherwise: object): SQL {
  const before = sql`coalesce(sims.${sql.raw(column)}, ${JSON.stringify(otherwise)})`;
  return sql`json_patch(${before}, patch -> ${column})`;
}

/** How a change ended: the SIM as it is then, or why it was refused. */
export type Changed = { index: number; id: string } & ({ sim: FleetSim } | { error: ErrorCode });

/** Changes SIMs of the account, each on its own, in one D1 batch. */
export async function changeSims(
  db: Db,
  accountId: string,
  changes: readonly Change[],
): Promise<Changed[]> {
  const now = Date.now();
  const wanted = resolved(accountId, changes);
  const [changed, facts, rows, [account]] = await db.batch([
    statement<{ id: string }>(db, update(accountId, wanted, changes)),
    statement<Facts>(db, factsAbout(accountId, wanted)),
    statement<FleetRow>(
      db,
      sql`SELECT ${fleetColumns(now)} FROM sims WHERE sims.account_id = ${accountId} AND sims.id IN (SELECT id FROM (${wanted}))`,
    ),
    tagsOfAccount(db, accountId),
  ]);
  const done = new Set(changed.map(({ id }) => id));
  const rowsById = new Map(rows.map((row) => [row.id, row]));
  const factsByIndex = new Map(facts.map((fact) => [fact.index, fact]));
  return changes.map(({ index, ref }) => {
    const fact = factsByIndex.get(index);
    const row = fact?.id && !fact.repeated && done.has(fact.id) && rowsById.get(fact.id);
    return row
      ? { index, id: ref, sim: asFleetSim(row, account?.tags ?? {}, now) }
      : { index, id: ref, error: whyNot(fact) };
  });
}

/** Changes one SIM of the account. Throws what its change is refused for. */
export async function changeSim(
  db: Db,
  accountId: string,
  ref: string,
  patch: SimPatch,
): Promise<FleetSim> {
  const [changed] = await changeSims(db, accountId, [{ index: 0, ref, patch }]);
  if (changed && "sim" in changed) return changed.sim;
  throw new ApiError(changed?.error ?? "sim_not_found");
}

/** The changes with the ids of their SIMs; of two for one SIM only the first is not `repeated`. */
function resolved(accountId: string, changes: readonly Change[]): SQL {
  return sql`
    SELECT "index", id, patch, row_number() OVER (PARTITION BY id ORDER BY "index") > 1 AS repeated
    FROM (
      SELECT value ->> 'index' AS "index", ${simIdOf(accountId, sql`(value ->> 'ref')`)} AS id, value -> 'patch' AS patch
      FROM json_each(${JSON.stringify(changes)})
    )`;
}

/** The plus keeps the planner from an index of the account, which would read all of its SIMs. Sets only what some change names: an index of a column that is set is written, whatever the value. */
function update(accountId: string, wanted: SQL, changes: readonly Change[]): SQL {
  const named = Object.entries(FIELDS).filter(([field]) =>
    changes.some(({ patch }) => Object.hasOwn(patch, field)),
  );
  const sets = named.map(([field, { column, value }]) => {
    const target = sql.raw(column);
    return sql`${target} = CASE WHEN json_type(patch, ${`$.${field}`}) IS NULL THEN sims.${target} ELSE ${value} END`;
  });
  return sql`
    UPDATE OR IGNORE sims SET ${sql.join(sets.length > 0 ? sets : [sql`created_at = sims.created_at`], sql`, `)}
    FROM (${wanted}) AS change
    WHERE sims.id = change.id AND +sims.account_id = ${accountId} AND NOT change.repeated
      AND ${CONNECTOR(accountId)} AND ${NETWORK_LIST(accountId)} AND ${TAGS(accountId)}
    RETURNING sims.id`;
}

const CONNECTOR = (accountId: string) => sql`(patch ->> 'connector' IS NULL OR EXISTS (
  SELECT 1 FROM connectors WHERE account_id = ${accountId} AND connectors.id = patch ->> 'connector'))`;
const NETWORK_LIST = (accountId: string) => sql`(patch ->> 'network_whitelist' IS NULL OR EXISTS (
  SELECT 1 FROM network_lists WHERE account_id = ${accountId} AND name = patch ->> 'network_whitelist'))`;
const TAGS = (accountId: string) => sql`NOT EXISTS (
  SELECT 1 FROM json_each(patch -> 'tags') AS given
  WHERE NOT EXISTS (SELECT 1 FROM tags WHERE tags.id = given.value AND tags.account_id = ${accountId}))`;

/** What a refusal is told from, read in the transaction that refused. */
interface Facts {
  index: number;
  id: string | null;
  repeated: number;
  mine: number;
  connector: number;
  networkList: number;
  tags: number;
}

function factsAbout(accountId: string, wanted: SQL): SQL {
  return sql`
    SELECT "index", id, repeated,
      EXISTS (SELECT 1 FROM sims WHERE sims.id = change.id AND account_id = ${accountId}) AS mine,
      ${CONNECTOR(accountId)} AS connector, ${NETWORK_LIST(accountId)} AS networkList, ${TAGS(accountId)} AS tags
    FROM (${wanted}) AS change`;
}

function whyNot(fact: Facts | undefined): ErrorCode {
  if (fact?.repeated && fact.mine) return "change_invalid";
  if (!fact?.mine) return "sim_not_found";
  if (!fact.connector) return "connector_not_found";
  if (!fact.networkList) return "network_whitelist_not_found";
  return fact.tags ? "label_conflict" : "tag_not_found";
}
