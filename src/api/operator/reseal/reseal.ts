import { actingIn, type Actor } from "../../../db/audited";
import type { Pagination } from "../../../http/responses";
import { writeCursor } from "../../../http/pagination";
import { logFailure } from "../../../platform/log";
import { type EncryptionKeys, tagOf } from "../../../platform/crypto";
import type { Resealed } from "./responses";
import { markOf, OTHER_CONNECTORS, replaceConnector, resealConnector } from "./connector-secrets";
import {
  isSameWebhook,
  OTHER_WEBHOOKS,
  replaceWebhook,
  resealWebhook,
  sealedIn,
} from "./webhook-secrets";

/** What another key sealed, by the place that it is sealed for. */
const OTHERS = `
  SELECT 'connectors' AS thing, 'connectors/' || account_id || '/' || id AS place, account_id, id,
    secrets, NULL AS secret, NULL AS authorization, NULL AS previous_secrets
  FROM (${OTHER_CONNECTORS})
  UNION ALL
  SELECT 'webhooks', 'webhooks/' || id, account_id, id, NULL, secret, authorization, previous_secrets
  FROM (${OTHER_WEBHOOKS})`;

interface Row {
  thing: "connectors" | "webhooks";
  place: string;
  account_id: string;
  id: string;
  secrets: string;
  secret: string;
  authorization: string | null;
  previous_secrets: string;
  /** How many there are from the first one on, up to one more than was asked for. */
  met: number;
}

/**
 * Characters of secrets, the one aside that begins at the limit: a connector may have a quarter of a million, and what a
 * step reads, opens, seals and writes is in memory at once.
 */
const MOST_SEALED = 1_000_000;

/** As many of what another key sealed as a step takes, from a place on. */
const NEXT = `
  SELECT * FROM (
    SELECT *, count(*) OVER () AS met,
      sum(coalesce(length(secrets), 0)) OVER (ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM (SELECT * FROM (${OTHERS}) WHERE place > ?2 ORDER BY place LIMIT ?3 + 1))
  WHERE coalesce(before, 0) < ${MOST_SEALED} ORDER BY place LIMIT ?3`;

/** A row that is sealed anew: what writes it, and what it can be told by when it is written. */
interface Change {
  statement: D1PreparedStatement;
  thing: Row["thing"];
  mark: string[];
}

/** What becomes of a row: no change where nothing more of it opens. */
interface Plan {
  change: Change | undefined;
  unreadable: boolean;
}

/**
 * Seals with the first key what another one sealed: of so many webhooks and connectors, those behind `after`.
 * What its owner changed meanwhile stays as the owner made it. Each account's audit log gets one entry a call.
 */
export async function resealSome(
  d1: D1Database,
  actor: Actor,
  keys: EncryptionKeys,
  { limit, after = "" }: { limit: number; after?: string | undefined },
): Promise<Resealed> {
  const tag = await tagOf(keys[0]);
  const { results: rows } = await d1.prepare(NEXT).bind(tag, after, limit).all<Row>();
  const plans = await Promise.all(rows.map((row) => plan(d1, row, keys)));
  const changes = plans.map(({ change }) => change).filter((change) => change !== undefined);
  const { begin, end } = actingIn(d1, actor);
  const answers = await d1.batch<{ id: string; n: number }>([
    ...changes.map(({ statement }) => statement),
    // Nobody acts until here: that each secret has another form is no change of the account's.
    begin,
    tell(d1, changes),
    end,
    d1.prepare(`SELECT count(*) AS n FROM (${OTHERS})`).bind(tag),
  ]);
  const written = answers.slice(0, changes.length).filter((one) => one.results.length > 0);
  return {
    resealed: written.length,
    unreadable: plans.filter(({ unreadable }) => unreadable).length,
    left: answers.at(-1)?.results[0]?.n ?? 0,
    pagination: paginationOf(rows),
  };
}

function paginationOf(rows: readonly Row[]): Pagination {
  const last = rows.at(-1);
  if (!last || last.met <= rows.length) return { has_more: false };
  return { has_more: true, next_page: writeCursor(last.place) };
}

async function plan(d1: D1Database, row: Row, keys: EncryptionKeys): Promise<Plan> {
  const { thing, account_id } = row;
  const planned = await (thing === "webhooks" ? planWebhook : planConnector)(d1, row, keys);
  if (planned.unreadable)
    logFailure("secrets do not open", undefined, { account_id, place: thing });
  return planned;
}

async function planWebhook(d1: D1Database, row: Row, keys: EncryptionKeys): Promise<Plan> {
  const { row: after, unreadable } = await resealWebhook(row, keys);
  if (isSameWebhook(row, after)) return { change: undefined, unreadable };
  const mark = [after.id, ...sealedIn(after).map((sealed) => sealed ?? "")];
  const statement = replaceWebhook(d1, row, after);
  return { change: { thing: "webhooks", statement, mark }, unreadable };
}

async function planConnector(d1: D1Database, row: Row, keys: EncryptionKeys): Promise<Plan> {
  const { row: after, unreadable } = await resealConnector(row, keys);
  const where = markOf(row, after);
  if (!where) return { change: undefined, unreadable };
  const mark = [after.account_id, after.id, ...where];
  const statement = replaceConnector(d1, row, after);
  return { change: { thing: "connectors", statement, mark }, unreadable };
}

/** An entry for each account whose secrets the batch wrote before. */
function tell(d1: D1Database, changes: readonly Change[]): D1PreparedStatement {
  const marksOf = (thing: Row["thing"]) =>
    JSON.stringify(changes.filter((one) => one.thing === thing).map(({ mark }) => mark));
  const meta = JSON.stringify({ meta: { secrets: "set" } });
  return d1
    .prepare(
      `INSERT INTO audited (account_id, action, subject, sim_id, before, after)
      SELECT account_id, 'account.resealed', account_id, NULL, ?3, ?3 FROM (
        SELECT account_id FROM webhooks WHERE (id, secret, coalesce(authorization, ''), previous_secrets)
          IN (SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1))
        UNION SELECT account_id FROM json_each(?2) AS mark
        CROSS JOIN connectors ON account_id = mark.value ->> 0 AND connectors.id = mark.value ->> 1
        WHERE substr(secrets ->> (mark.value ->> 2), 1, length(mark.value ->> 3)) = mark.value ->> 3)`,
    )
    .bind(marksOf("webhooks"), marksOf("connectors"), meta);
}
