import { Hono } from "hono";
import * as z from "zod";
import { operator } from "../../../request/callers";
import type { Operated } from "../../../request/types";
import { cursor, limitUpTo } from "../../../http/pagination";
import { input } from "../../../http/validate";
import { resealSome } from "./reseal";

/** A connector may have secrets of a quarter of a megabyte. */
const Step = z.strictObject({ limit: limitUpTo(100), next_page: cursor(z.string().max(512)) });

/** `/operator/reseal`. */
export const operatorReseal = new Hono<Operated>().post(
  "/",
  operator(),
  input(Step, { bodyOptional: true }),
  async (c) => {
    const { limit, next_page: after } = c.req.valid("json");
    const { actor, config } = c.var;
    return c.json(await resealSome(c.env.DB, actor, config.encryptionKeys, { limit, after }));
  },
);
