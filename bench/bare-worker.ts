import type { D1Database } from "@cloudflare/workers-types";
import { Hono } from "hono";

interface Row {
  id: string;
  alias: string | null;
  active: number;
}

/** The least a Worker can do for `GET /sim`: no key, no checks, one select by primary key. */
export default new Hono<{ Bindings: { DB: D1Database } }>().get("/sim", async (c) => {
  const row = await c.env.DB.prepare("SELECT id, alias, active FROM sims WHERE id = ?")
    .bind(c.req.query("id"))
    .first<Row>();
  if (!row) return c.json({ error: "sim_not_found" }, 404);
  return c.json({ id: row.id, alias: row.alias, active: row.active === 1 });
});
