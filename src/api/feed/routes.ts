import { Hono } from "hono";
import * as z from "zod";
import { key } from "../../request/callers";
import type { Keyed } from "../../request/types";
import { ApiError } from "../../platform/errors";
import { cursor, Limit } from "../../http/pagination";
import { input, path } from "../../http/validate";
import { TimeOrDate } from "../../platform/time";
import { EventId } from "../../events/schemas";
import { readFeed } from "./read";
import { findEvents } from "../../pipeline/feed/find-events";
import { publicEvent } from "../../events/payload";

const Feed = z.object({
  after: cursor(z.tuple([z.int().min(0), z.int().min(0)])),
  since: TimeOrDate.pipe(z.int().min(0)).default(0),
  limit: Limit,
});
const EventKey = z.object({ id: EventId });

/** `/events`: what an account was told, to read again. */
export const eventRoutes = new Hono<Keyed>()
  .get("/", key("usage:read"), input(Feed), async (c) => {
    return c.json(await readFeed(c.var.db, c.var.access, c.req.valid("json")));
  })
  .get("/:id", key("usage:read"), path(EventKey), async (c) => {
    const { id } = c.req.valid("param");
    const [found] = await findEvents(c.var.db, c.var.access, [{ id }], 1);
    if (!found) throw new ApiError("event_not_found");
    return c.json(await publicEvent(found.event));
  });
