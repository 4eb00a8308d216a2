import type { D1Database } from "@cloudflare/workers-types";
import { Hono } from "hono";

interface Row {
  id: string;
  alias: string | null;
  active: number;
}

/**
 * The least a Worker can do for `GET /sim` whose next call must see this one's writes: no key, no checks, one select by
 * primary key in a D1 session, and the session's bookmark.
 */
export default new Hono<{ Bindings: { DB: D1Database } }>().get("/sim", async (c) => {
  const session = c.env.DB.withSession("first-unconstrained");
  const row = await session
    .prepare("SELECT id, alias, active FROM sims WHERE id = ?")
    .bind(c.req.query("id"))
    .first<Row>();
  if (!row) return c.json({ error: "sim_not_found" }, 404);
  const sim = { id: row.id, alias: row.alias, active: row.active === 1 };
  return c.json(sim, 200, { "x-d1-bookmark": session.getBookmark() ?? "" });
});
