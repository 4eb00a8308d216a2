import { actingIn, type Actor } from "../audit/context";
import { page } from "../http/pagination";
import { logFailure } from "../log";
import { type EncryptionKeys, tagOf } from "../secrets";
import type { Resealed } from "./answers";
import { OTHER_CONNECTORS, replaceConnector, resealConnector } from "./connector-secrets";
import { OTHER_WEBHOOKS, replaceWebhook, resealWebhook } from "./webhook-secrets";

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
}

/** A row that is sealed anew: what writes it, and what it can be told by when it is written. */
interface Change {
  statement: D1PreparedStatement;
  thing: Row["thing"];
  mark: string[];
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
  const { results } = await d1
    .prepare(`SELECT * FROM (${OTHERS}) WHERE place > ?2 ORDER BY place LIMIT ?3`)
    .bind(tag, after, limit + 1)
    .all<Row>();
  const { rows, pagination } = page(results, limit, ({ place }) => place);
  const planned = await Promise.all(rows.map((row) => plan(d1, row, keys)));
  const changes = planned.filter((change) => change !== undefined);
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
    unreadable: rows.length - changes.length,
    left: answers.at(-1)?.results[0]?.n ?? 0,
    pagination,
  };
}

async function plan(d1: D1Database, row: Row, keys: EncryptionKeys): Promise<Change | undefined> {
  const { thing, account_id, id } = row;
  try {
    if (thing === "webhooks") {
      const after = await resealWebhook(row, keys);
      return { thing, statement: replaceWebhook(d1, row, after), mark: [id, after.secret] };
    }
    const after = await resealConnector(row, keys);
    const mark = [account_id, id, after.secrets.slice(0, MARK)];
    return { thing, statement: replaceConnector(d1, row, after), mark };
  } catch {
    logFailure("secrets do not open", undefined, { account_id, place: thing });
    return undefined;
  }
}

/** Characters of a connector's secrets that hold the first one's nonce: no other writing begins with the same. */
const MARK = 100;

/** An entry for each account whose secrets the batch wrote before. */
function tell(d1: D1Database, changes: readonly Change[]): D1PreparedStatement {
  const marksOf = (thing: Row["thing"]) =>
    JSON.stringify(changes.filter((one) => one.thing === thing).map(({ mark }) => mark));
  const meta = JSON.stringify({ meta: { secrets: "set" } });
  return d1
    .prepare(
      `INSERT INTO audited (account_id, action, subject, sim_id, before, after)
      SELECT account_id, 'account.resealed', account_id, NULL, ?3, ?3 FROM (
        SELECT account_id FROM webhooks
        WHERE (id, secret) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))
        UNION SELECT account_id FROM connectors
        WHERE (account_id, id, substr(secrets, 1, ${MARK})) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)))`,
    )
    .bind(marksOf("webhooks"), marksOf("connectors"), meta);
}
