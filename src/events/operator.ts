import { Hono } from "hono";
import * as z from "zod";
import { OK } from "../answers";
import { operator, type Operated } from "../auth/middleware";
import { ApiError } from "../errors";
import { cursor, Limit } from "../http/pagination";
import { input, path } from "../http/validate";
import { DeliveriesMessage } from "./messages";
import { reportEvents } from "./report";
import { findUnmatched, listUnmatched } from "./unmatched";

const REPORT_LIMIT = 4 * 1024 * 1024;

const Events = z.object({ events: z.array(z.unknown()).min(1).max(1000) });
const Listing = z.object({ limit: Limit, next_page: cursor(z.int()) });
const UnmatchedKey = z.object({
  id: z
    .string()
    .regex(/^[0-9]{1,15}$/)
    .transform(Number),
});

/** `/operator/events`: what the core network reports, and what could not be stored of it. */
export const operatorEvents = new Hono<Operated>()
  .post("/", operator(), input(Events, { limit: REPORT_LIMIT }), async (c) => {
    return c.json(await reportEvents(c.env.EVENTS, c.req.valid("json").events), 202);
  })
  .get("/unmatched", operator(), input(Listing), async (c) => {
    const { limit, next_page } = c.req.valid("json");
    return c.json(await listUnmatched(c.var.db, { limit, after: next_page }));
  })
  .post("/unmatched/:id/retry", operator(), path(UnmatchedKey), async (c) => {
    const { id } = c.req.valid("param");
    const found = await findUnmatched(c.var.db, id);
    if (!found) throw new ApiError("unmatched_not_found");
    // The row stays until the queue's consumer has done its work.
    if (found.queue === "deliveries")
      await c.env.DELIVERIES.send({ ...DeliveriesMessage.parse(found.event), unmatched_id: id });
    else await c.env.EVENTS.send({ events: [found.event], unmatched_id: id });
    return c.json(OK, 202);
  });
