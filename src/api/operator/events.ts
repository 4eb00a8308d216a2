import { Hono } from "hono";
import * as z from "zod";
import { OK } from "../../platform/ok";
import { operator } from "../../request/callers";
import type { Operated } from "../../request/types";
import { ApiError } from "../../platform/errors";
import { decodedBody } from "../../http/content-encoding";
import { cursor, Limit, limitUpTo } from "../../http/pagination";
import { listOf } from "../../platform/shown-as";
import { input, path } from "../../http/validate";
import { SimId } from "../../http/scalars";
import { Event } from "../../events/schemas";
import { reportLines } from "../../pipeline/ingest/ndjson";
import { RetryAs } from "../../pipeline/queues/messages";
import { reportEvents } from "../../pipeline/ingest/report";
import {
  findUnmatched,
  findUnmatchedOne,
  listUnmatched,
  removeUnmatchedOne,
  retryUnmatched,
} from "../../pipeline/queues/unmatched";
import { removeUnmatched } from "../../pipeline/queues/unmatched-pages";

const NDJSON = /^application\/x-ndjson\b/i;
const REPORT_LIMIT = 4 * 1024 * 1024;

const Events = z.object({ events: listOf(Event, 1000) });

/** A row may be a whole message of 128 KB. */
const Listing = z.object({ limit: limitUpTo(100), next_page: cursor(z.int()) });

/** `as` decides events of `id_conflict`, and of no other reason. */
const Retry = z
  .strictObject({
    ...Listing.shape,
    reason: z.string().max(64).optional(),
    sim_id: SimId.optional(),
    as: RetryAs.optional(),
  })
  .refine(({ as, reason }) => as === undefined || reason === "id_conflict", { path: ["as"] });
const RetryOne = z.strictObject({ as: RetryAs.optional() });
const Removal = z.object({
  reason: z.string().max(64).optional(),
  sim_id: SimId.optional(),
  limit: Limit,
  next_page: cursor(z.int()),
});
const UnmatchedKey = z.object({
  id: z
    .string()
    .regex(/^[0-9]{1,15}$/)
    .transform(Number),
});

/** `/operator/events`: what the core network reports, and what could not be stored of it. */
export const operatorEvents = new Hono<Operated>()
  .post(
    "/",
    operator(),
    async (c, next) => {
      if (!NDJSON.test(c.req.header("content-type") ?? "")) return next();
      const body = await decodedBody(c.req.raw, REPORT_LIMIT);
      return c.json(await reportLines(c.env.EVENTS, body), 202);
    },
    input(Events, { limit: REPORT_LIMIT }),
    async (c) => c.json(await reportEvents(c.env.EVENTS, c.req.valid("json").events), 202),
  )
  .get("/unmatched", operator(), input(Listing), async (c) => {
    const { limit, next_page } = c.req.valid("json");
    return c.json(await listUnmatched(c.var.db, { limit, after: next_page }));
  })
  .delete("/unmatched", operator(), input(Removal), async (c) => {
    const { limit, next_page: after, ...filter } = c.req.valid("json");
    if (filter.reason === undefined && filter.sim_id === undefined)
      throw new ApiError("reason_invalid");
    return c.json(await removeUnmatched(c.var.db, filter, { limit, after }));
  })
  .delete("/unmatched/:id", operator(), path(UnmatchedKey), async (c) => {
    await removeUnmatchedOne(c.var.db, c.req.valid("param").id);
    return c.json(OK);
  })
  .post("/unmatched/retry", operator(), input(Retry, { bodyOptional: true }), async (c) => {
    const { limit, next_page: after, as, ...filter } = c.req.valid("json");
    const { kept, pagination } = await findUnmatched(c.var.db, filter, { limit, after });
    return c.json({ retried: await retryUnmatched(c.env, kept, as), pagination }, 202);
  })
  .post(
    "/unmatched/:id/retry",
    operator(),
    path(UnmatchedKey),
    input(RetryOne, { bodyOptional: true }),
    async (c) => {
      const { as } = c.req.valid("json");
      const kept = await findUnmatchedOne(c.var.db, c.req.valid("param").id);
      if (kept.length === 0) throw new ApiError("unmatched_not_found");
      if (as !== undefined && kept.some(({ reason }) => reason !== "id_conflict"))
        throw new ApiError("as_invalid");
      if ((await retryUnmatched(c.env, kept, as)) === 0)
        throw new ApiError("unmatched_not_retriable");
      return c.json(OK, 202);
    },
  );
