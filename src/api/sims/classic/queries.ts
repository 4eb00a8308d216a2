import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Access } from "../../../access/access";
import { type Db, statement } from "../../../db/client";
import { sims } from "../../../db/tables";
import type { Config } from "../../../platform/env";
import { ApiError, type ErrorCode } from "../../../platform/errors";
import { isReported } from "../../../pipeline/queues/unmatched";
import { LIMITS } from "../../../platform/limits";
import { isVisible, tagsExist, tagsOfNew } from "../../../access/visibility";
import { type Condition, etag, fits, TAG_OF_SIM } from "../patch/etag";
import { iccidOf } from "../iccid";
import { usageBefore } from "../usage-before";
import { USAGE_MONTH } from "../../../pipeline/ingest/store-presence";
import type { SimInput } from "../schemas";
import type { ClassicSim } from "../responses";

type Registration = Config["SIM_REGISTRATION"];

/** `active` is null where the SIM is not visible. */
interface Found {
  alias: string | null;
  active: 0 | 1 | null;
  connector: string | null;
  tag: string;
}

/** The SIM, which must be visible. Throws `id_forbidden` for another account's or tag's, `sim_not_found` for nobody's. */
export async function findSim(
  db: Db,
  access: Access,
  id: string,
): Promise<{ sim: ClassicSim; etag: string }> {
  // Hand-written: the builder would spend more on this, the hottest query, than all else that a request needs.
  const found = await db.get<Found | undefined>(sql`
    SELECT sims.alias, sims.active, sims.connector_id AS connector, ${TAG_OF_SIM} AS tag
    FROM sims AS held LEFT JOIN sims ON sims.id = held.id AND ${isVisibleRow(access)}
    WHERE held.id = ${id}`);
  if (!found) throw new ApiError("sim_not_found");
  if (found.active === null) throw new ApiError("id_forbidden");
  const sim = { id, alias: found.alias, active: found.active === 1 };
  const { connector, tag } = found;
  return { sim: connector === null ? sim : { ...sim, connector }, etag: etag(tag) };
}

/**
 * Creates a SIM that no one holds, by the rules of the deployment's `registration`; a narrowed key's carries its tags.
 * An id that the core network reports events of is in use: without a card only its former holder may create it again.
 * Throws `tag_forbidden`, `id_forbidden`, `connector_not_found`, `id_conflict`, `alias_conflict`, and `sim_limit_reached`
 * where the account has `most` SIMs and the operator issued it no card for this one.
 */
export async function createSim(
  db: Db,
  access: Access,
  sim: SimInput,
  registration: Registration,
  most: number = LIMITS.sims.most,
): Promise<void> {
  const card = sql`(SELECT account_id FROM sim_cards WHERE id = ${sim.id})`;
  const tags = tagsOfNew(access, []);
  const free =
    registration === "issued"
      ? sql`${card} = ${access.accountId}`
      : sql`CASE WHEN ${card} IS NULL THEN NOT ${isReported(sim.id)} OR ${hasPast(access, sim.id)}
          ELSE ${card} = ${access.accountId} END`;
  // What a SIM of other tags did before it was deleted is not for a narrowed key to read.
  const mayCreate =
    access.tags === null
      ? free
      : sql`${free} AND NOT ${hasPast(access, sim.id)} AND ${tagsExist(access.accountId, tags)}`;
  const used = sql`SELECT sims FROM account_use WHERE account_id = ${access.accountId}`;
  const hasRoom = sql`(${card} IS ${access.accountId} OR coalesce((${used}), 0) < ${most})`;
  const usage = (column: SQL) => usageBefore(sql`${access.accountId}`, sql`${sim.id}`, column);
  const [created, [facts]] = await db.batch([
    statement<{ id: string }>(
      db,
      sql`
      INSERT INTO sims (id, account_id, alias, active, connector_id, created_at, iccid, imsi, msisdn, ipv4, eid,
        usage_month, usage_sorted, tags)
      SELECT ${sim.id}, ${access.accountId}, ${sim.alias}, ${sim.active ? 1 : 0}, ${sim.connector}, ${Date.now()},
        coalesce(iccid, ${iccidOf(sim.id)}), imsi, msisdn, ipv4, eid, ${usage(USAGE_MONTH)}, ${usage(sql`month_bytes`)}, ${JSON.stringify(tags)}
      FROM (SELECT 1) LEFT JOIN sim_cards ON sim_cards.id = ${sim.id}
      WHERE ${mayCreate} AND ${connectorExists(access, sim)} AND ${hasRoom}
      ON CONFLICT DO NOTHING RETURNING id`,
    ),
    factsAbout(db, access, sim, sql`coalesce(${mayCreate}, 0)`),
  ]);
  if (created.length === 0) throw new ApiError(whyNotCreated(facts));
}

/** Whether a SIM of this id has usage or network events of before. */
function hasPast({ accountId }: Access, id: string): SQL {
  const any = (table: string) =>
    sql`EXISTS (SELECT 1 FROM ${sql.raw(table)} WHERE account_id = ${accountId} AND sim_id = ${id})`;
  return sql`(${any("usage_days")} OR ${any("network_log")})`;
}

/** Replaces the visible SIM: what `sim` holds is what it has afterwards. Answers its ETag then. */
export async function replaceSim(
  db: Db,
  access: Access,
  sim: SimInput,
  condition?: Condition,
): Promise<string> {
  const [[replaced], [facts]] = await db.batch([
    db
      .update(sims)
      .set({
        alias: sim.alias,
        active: sim.active,
        connectorId: sim.connector,
        version: sql`${sims.version} + 1`,
      })
      .where(
        and(
          eq(sims.id, sim.id),
          isVisibleRow(access),
          sql`NOT ${aliasTaken(access, sim)}`,
          connectorExists(access, sim),
          fits(condition),
        ),
      )
      .returning({ tag: sql<string>`${TAG_OF_SIM}`.as("tag") }),
    factsAbout(db, access, sim, sql`1`, condition),
  ]);
  if (!replaced) throw new ApiError(whyNotReplaced(facts));
  return etag(replaced.tag);
}

/** Deletes the visible SIM; its usage records stay. */
export async function deleteSim(
  db: Db,
  access: Access,
  id: string,
  condition?: Condition,
): Promise<void> {
  const [deleted, [left]] = await db.batch([
    db
      .delete(sims)
      .where(and(eq(sims.id, id), isVisibleRow(access), fits(condition)))
      .returning({ id: sims.id }),
    db
      .select({ mine: isVisibleRow(access).as("mine") })
      .from(sims)
      .where(eq(sims.id, id)),
  ]);
  if (deleted.length > 0) return;
  if (!left) throw new ApiError("sim_not_found");
  throw new ApiError(left.mine ? "changed_meanwhile" : "id_forbidden");
}

/** What a refusal is told from, read in the transaction that refused. All are 0 or 1. */
interface Facts {
  allowed: number;
  mine: number;
  another: number;
  connectorExists: number;
  aliasTaken: number;
  /** Whether it is as the caller's condition says. */
  fits: number;
}

function factsAbout(db: Db, access: Access, sim: SimInput, allowed: SQL, condition?: Condition) {
  const holds = (what: SQL) =>
    sql<number>`EXISTS (SELECT 1 FROM sims WHERE id = ${sim.id} AND ${what})`;
  const facts = {
    allowed: sql<number>`${allowed}`.as("allowed"),
    mine: holds(isVisibleRow(access)).as("mine"),
    another: holds(sql`NOT ${isVisibleRow(access)}`).as("another"),
    connectorExists: sql<number>`${connectorExists(access, sim)}`.as("connector_exists"),
    aliasTaken: sql<number>`${aliasTaken(access, sim)}`.as("alias_taken"),
    fits: holds(sql`${isVisibleRow(access)} AND ${fits(condition)}`).as("fits"),
  };
  return db.select(facts).from(sql`(SELECT 1)`);
}

function whyNotCreated(facts: Facts | undefined): ErrorCode {
  if (facts?.another || !(facts?.mine || facts?.allowed)) return "id_forbidden";
  if (!facts.connectorExists) return "connector_not_found";
  if (facts.mine) return "id_conflict";
  return facts.aliasTaken ? "alias_conflict" : "sim_limit_reached";
}

function whyNotReplaced(facts: Facts | undefined): ErrorCode {
  if (facts?.another) return "id_forbidden";
  if (!facts?.mine) return "sim_not_found";
  if (!facts.fits) return "changed_meanwhile";
  return facts.connectorExists ? "alias_conflict" : "connector_not_found";
}

/** Whether the SIM may have its connector: a visible one, or the one that it has. */
function connectorExists(access: Access, { id, connector }: SimInput): SQL {
  if (connector === null) return sql`1`;
  return sql`EXISTS (SELECT 1 FROM connectors WHERE account_id = ${access.accountId} AND id = ${connector}
    AND (${isVisible(access, sql`connectors.tags`)} OR EXISTS (
      SELECT 1 FROM sims AS its WHERE its.id = ${id} AND its.account_id = ${access.accountId} AND its.connector_id = ${connector})))`;
}

/** Whether a row of `sims` is visible. */
function isVisibleRow(access: Access): SQL<number> {
  return sql`(sims.account_id = ${access.accountId} AND ${isVisible(access, sql`sims.tags`)})`;
}

function aliasTaken(access: Access, sim: SimInput): SQL {
  return sql`EXISTS (SELECT 1 FROM sims WHERE account_id = ${access.accountId} AND alias = ${sim.alias} AND id <> ${sim.id})`;
}
