import { getTableColumns, type SQL, sql } from "drizzle-orm";
import type { Access } from "../../../access/access";
import { type Db, NOTHING, statement } from "../../../db/client";
import { sims } from "../../../db/tables";
import { ApiError, type ErrorCode } from "../../../platform/errors";
import { asShown, tagsOfAccount } from "../../tags/queries";
import type { Change, SimPatch } from "./input";
import { type Condition, etag } from "./etag";
import {
  ALL_TECHNOLOGIES,
  asFleetSim,
  DEFAULT_LIMIT,
  fleetColumns,
  type FleetRow,
  type TaggedSim,
} from "../row";
import { type Judged, judged, resolved, whyNot } from "./check";

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
export type Changed = { index: number; id: string } & (TaggedSim | { error: ErrorCode });

export interface ChangeOptions {
  condition?: Condition;
  /** Changes nothing if any is refused. */
  atomic?: boolean;
  /** Changes nothing, and answers as if it had. */
  dryRun?: boolean;
}

/** Changes visible SIMs, each on its own unless `atomic`, in one D1 batch. */
export async function changeSims(
  db: Db,
  access: Access,
  changes: readonly Change[],
  { condition, atomic = false, dryRun = false }: ChangeOptions = {},
): Promise<Changed[]> {
  const now = Date.now();
  const wanted = judged(access, changes, condition);
  const allowed = sql`SELECT id, patch FROM (${wanted}) WHERE allowed`;
  const made = atomic ? sql`${allowed} AND allAllowed` : allowed;
  const [facts, [account], , rows] = await db.batch([
    statement<Judged>(db, sql`SELECT * FROM (${wanted})`),
    tagsOfAccount(db, access),
    statement(db, dryRun ? NOTHING : update(access, made, changes)),
    statement<FleetRow>(
      db,
      dryRun ? foretold(access, allowed, changes, now) : read(access, changes, now),
    ),
  ]);
  const shown = asShown(access, account);
  const rowsById = new Map(rows.map((row) => [row.id, row]));
  const factsByIndex = new Map(facts.map((fact) => [fact.index, fact]));
  return changes.map(({ index, ref }) => {
    const fact = factsByIndex.get(index);
    const row = fact?.id && fact.allowed ? rowsById.get(fact.id) : undefined;
    return row
      ? { index, id: ref, sim: asFleetSim(row, shown, now), etag: etag(row.tag) }
      : { index, id: ref, error: whyNot(fact) };
  });
}

/** Changes the visible SIM that fits the condition. Throws what its change is refused for. */
export async function changeSim(
  db: Db,
  access: Access,
  ref: string,
  patch: SimPatch,
  condition?: Condition,
): Promise<TaggedSim> {
  const [changed] = await changeSims(db, access, [{ index: 0, ref, patch }], { condition });
  if (changed && "sim" in changed) return changed;
  throw new ApiError(changed?.error ?? "sim_not_found");
}

/** The columns that some change names, and what they become: an index of a column that is set is written, whatever the value. */
function columnsAfter(changes: readonly Change[]): { column: string; after: SQL }[] {
  return Object.entries(FIELDS)
    .filter(([field]) => changes.some(({ patch }) => Object.hasOwn(patch, field)))
    .map(([field, { column, value }]) => ({
      column,
      after: sql`CASE WHEN json_type(patch, ${`$.${field}`}) IS NULL THEN sims.${sql.raw(column)} ELSE ${value} END`,
    }));
}

/** Makes the changes, of `id` and `patch`. The plus keeps the planner from an index of the account, which would read all of its SIMs. */
function update(access: Access, made: SQL, changes: readonly Change[]): SQL {
  const columns = columnsAfter(changes);
  if (columns.length === 0) return NOTHING;
  const sets = columns.map(({ column, after }) => sql`${sql.raw(column)} = ${after}`);
  return sql`
    UPDATE sims SET version = sims.version + 1, ${sql.join(sets, sql`, `)}
    FROM (${made}) AS change WHERE sims.id = change.id AND +sims.account_id = ${access.accountId}`;
}

function read(access: Access, changes: readonly Change[], now: number): SQL {
  return sql`
    SELECT ${fleetColumns(access, now)} FROM sims
    WHERE +sims.account_id = ${access.accountId} AND sims.id IN (SELECT id FROM (${resolved(access, changes)}))`;
}

/** What {@link read} would read after the changes. */
function foretold(access: Access, made: SQL, changes: readonly Change[], now: number): SQL {
  const changed = new Map(columnsAfter(changes).map(({ column, after }) => [column, after]));
  const columns = SIM_COLUMNS.map((column) => {
    const name = sql.raw(column);
    return sql`${changed.get(column) ?? sql`sims.${name}`} AS ${name}`;
  });
  return sql`
    SELECT ${fleetColumns(access, now)} FROM (
      SELECT ${sql.join(columns, sql`, `)} FROM (${made}) AS change CROSS JOIN sims ON sims.id = change.id AND +sims.account_id = ${access.accountId}
    ) AS sims`;
}

const SIM_COLUMNS = Object.values(getTableColumns(sims)).map(({ name }) => name);
