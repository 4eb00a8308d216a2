import { env } from "cloudflare:workers";
import { isObject } from "../../src/http/body";

/** An entry of the audit log as a test looks at it. */
export interface Logged {
  account: string;
  seq: number;
  actor: string;
  key: string | null;
  address: string | null;
  request: string | null;
  action: string;
  subject: string;
  sim: string | null;
  before: object | null;
  after: object | null;
}

/** All that was logged of all accounts, in the order of the commits. */
export async function logged(): Promise<Logged[]> {
  const { results } = await env.DB.prepare(
    `SELECT account_id AS account, seq, actor, key_id AS "key", address, request_id AS request, action, subject, sim_id AS sim, before, after
    FROM audit_log ORDER BY seq`,
  ).all<Omit<Logged, "before" | "after"> & { before: string | null; after: string | null }>();
  return results.map((row) => ({ ...row, before: read(row.before), after: read(row.after) }));
}

/** What `act` does, and the entries that it leaves. */
export async function loggedBy<T>(
  act: () => Promise<T>,
): Promise<{ result: T; entries: Logged[] }> {
  const before = (await logged()).length;
  const result = await act();
  return { result, entries: (await logged()).slice(before) };
}

function read(text: string | null): object | null {
  const value: unknown = JSON.parse(text ?? "null");
  return isObject(value) ? value : null;
}

/** A SIM as the log tells of it when nothing was set. */
export const PLAIN_SIM = {
  label: null,
  activated: true,
  connector: null,
  network_whitelist: null,
  imei_lock: null,
  tags: [],
  data_limit: { total: 10_000_000_000, alert_threshold: null },
  technologies: { sms: true, "2g_3g": true, "4g": true },
  imsi: null,
  msisdn: null,
  eid: null,
  ipv4: null,
};

/** A webhook likewise. */
export const PLAIN_WEBHOOK = {
  label: null,
  active: true,
  exclude_types: [],
  tags: [],
  payload: "classic",
  retry: "none",
  disabled_at: null,
  disabled_reason: null,
};
