import { Hono } from "hono";
import * as z from "zod";
import { operator } from "../../request/callers";
import type { Operated } from "../../request/types";
import { retryUnmatched } from "../../pipeline/queues/unmatched";
import { listOf } from "../../platform/shown-as";
import { input } from "../../http/validate";
import { issueCards } from "./cards";
import { SimCard } from "../sims/schemas";

const Cards = z.object({ sims: listOf(SimCard, 1000) });

/** `/operator/sims`: the cards that the operator issues. */
export const operatorSims = new Hono<Operated>().put("/", operator(), input(Cards), async (c) => {
  const { waiting, ...answer } = await issueCards(c.var.db, c.req.valid("json").sims);
  await retryUnmatched(c.env, waiting);
  return c.json(answer);
});
