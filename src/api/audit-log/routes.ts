import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { key, operator } from "../../request/callers";
import { countCost } from "../../request/rate-limit";
import type { Keyed, Operated } from "../../request/types";
import { allOf } from "../../access/access";
import type { Db } from "../../db/client";
import { input } from "../../http/validate";
import { exportAudit } from "./export";
import { listAudit, type Reader } from "./list";
import { AccountAuditQuery, AuditQuery } from "./schemas";

const NDJSON = "application/x-ndjson";

/** `/audit-log`: what was changed of the account, by whom. */
export const auditRoutes = new Hono<Keyed>().get(
  "/",
  key("audit:read"),
  input(AuditQuery),
  async (c) => {
    return answer(c, c.var.db, c.var.keyRecord, c.req.valid("json"), () => countCost(c));
  },
);

/** `/operator/audit-log`: the same of any account. */
export const operatorAudit = new Hono<Operated>().get(
  "/",
  operator(),
  input(AccountAuditQuery),
  async (c) => {
    const { account_id, ...query } = c.req.valid("json");
    return answer(c, c.var.db, { ...allOf(account_id), keyId: null }, query);
  },
);

async function answer(
  c: Context,
  db: Db,
  reader: Reader,
  query: AuditQuery,
  onPage = () => {},
): Promise<Response> {
  if ((query.format ?? formatAccepted(c)) === "json")
    return c.json(await listAudit(db, reader, query));
  return c.body(await exportAudit(db, reader, query, { onPage }), 200, { "content-type": NDJSON });
}

function formatAccepted(c: Context): "json" | "ndjson" {
  const supports = ["application/json", NDJSON];
  const type = accepts(c, { header: "Accept", supports, default: "application/json" });
  return type === NDJSON ? "ndjson" : "json";
}
