import { env } from "cloudflare:workers";
import { expect, it } from "vitest";

/** Columns whose change no entry tells of: they name the row, or are no one's doing. */
const NOT_COMPARED: Record<string, string[]> = {
  accounts: ["id", "name", "tags", "created_at"],
  // When it was last used is no change.
  api_keys: ["id", "account_id", "hash", "created_at", "lineage", "last_used_at"],
  connectors: ["account_id", "id", "created_at"],
  network_lists: ["account_id", "created_at"],
  sim_cards: ["id", "issued_at"],
  // What its events say of a SIM, and the count of its changes.
  sims: [
    "id",
    "account_id",
    "created_at",
    "version",
    "visible_from",
    "former_until",
    "online",
    "online_at",
    "last_came_online_at",
    "imei",
    "sessions",
    "country_code",
    "network",
    "location",
    "seen_at",
    "usage_month",
    "usage_sorted",
  ],
  tags: ["id", "account_id", "created_at"],
  // How its endpoint fares, and what goes with a secret.
  webhooks: [
    "id",
    "account_id",
    "created_at",
    "lane",
    "recent",
    "failing_since",
    "authorization_updated_at",
    "secret_updated_at",
    "previous_secrets",
  ],
};

/** Tables of which nothing is audited: no request changes anything of an account's by writing them. */
const NOT_AUDITED = [
  "account_days",
  "account_hours",
  "account_use",
  "audit_context",
  "audit_log",
  "delivery_log",
  "delivery_log_days",
  "event_feed",
  "former_holders",
  "idempotency_keys",
  "slow_turns",
  "network_log",
  "removed_rows",
  "replays",
  "settled_reports",
  "sim_search",
  "sim_tags",
  "unmatched_events",
  "unmatched_use",
  "usage_corrections",
  "usage_days",
  "usage_records",
];

async function names(query: string, ...values: string[]): Promise<string[]> {
  const { results } = await env.DB.prepare(query)
    .bind(...values)
    .all<{ name: string }>();
  return results.map(({ name }) => name);
}

it("decides of every table whether it is audited", async () => {
  const tables = await names(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf*' AND name NOT GLOB 'd1_*'
    AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'sim_search_*'`,
  );
  expect(tables.toSorted()).toEqual([...Object.keys(NOT_COMPARED), ...NOT_AUDITED].toSorted());
});

it.each(Object.entries(NOT_COMPARED))("decides of every column of %s", async (table, rest) => {
  const columns = await names("SELECT name FROM pragma_table_info(?)", table);
  const triggers = await names(
    "SELECT sql AS name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND name GLOB '*_audited'",
    table,
  );
  const compared = triggers.flatMap(
    (sql) => /AFTER UPDATE OF ([^]+?)\s+ON /.exec(sql)?.[1]?.split(", ") ?? [],
  );
  expect([...new Set(compared), ...rest].toSorted()).toEqual(columns.toSorted());
});
