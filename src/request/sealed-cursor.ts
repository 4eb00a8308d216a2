import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import type * as z from "zod";
import { ApiError } from "../platform/errors";
import { openBytes, sealBytes } from "../platform/crypto";
import type { Pagination } from "../http/responses";
import { asking } from "../http/asks";
import { refusingUnknownInBody } from "../http/known-parameters";
import { parseInput, readInput, type Schema } from "../http/validate";
import type { Keyed } from "./types";

/**
 * A page of a key with tags may end at a thing that the key must not see, and its cursor says at which. Such a key gets its
 * cursors sealed, for it could read them, and none other is taken from it, for it could make one to ask what lies where.
 */

const URL_SAFE = { alphabet: "base64url", omitPadding: true } as const;

/** The parameters of a page whose cursor is sealed. */
export function pageInput<S extends Schema>(schema: S) {
  const asks = { input: schema, bodyOptional: false, aliases: [] };
  const refuseUnknown = refusingUnknownInBody(asks);
  const middleware = createMiddleware<
    Keyed,
    string,
    { in: { json: z.input<S> }; out: { json: z.output<S> } }
  >(async (c, next) => {
    const all = await readInput(c.req);
    refuseUnknown(all);
    const { next_page, ...given } = all;
    const cursor = next_page === undefined ? {} : { next_page: await opened(c, next_page) };
    c.req.addValidatedData("json", parseInput(schema, { ...given, ...cursor }));
    await next();
  });
  return asking(asks, middleware);
}

/** A page as the caller is answered it. */
export async function withSealedCursor<Page extends { pagination: Pagination }>(
  c: Context<Keyed>,
  page: Page,
): Promise<Page> {
  const { next_page } = page.pagination;
  if (c.var.access.tags === null || next_page === undefined) return page;
  const bytes = Uint8Array.fromBase64(next_page, URL_SAFE);
  const sealed = await sealBytes(c.var.config.encryptionKeys, placeOf(c), bytes);
  const cursor = sealed.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return { ...page, pagination: { ...page.pagination, next_page: cursor } };
}

/** The cursor that a sealed one holds. Throws `next_page_invalid`. */
async function opened(c: Context<Keyed>, given: unknown): Promise<unknown> {
  if (c.var.access.tags === null || typeof given !== "string") return given;
  const sealed = given.replaceAll("-", "+").replaceAll("_", "/");
  try {
    const bytes = await openBytes(c.var.config.encryptionKeys, placeOf(c), sealed);
    return bytes.toBase64(URL_SAFE);
  } catch {
    throw new ApiError("next_page_invalid");
  }
}

/** Another key, or the same one with other tags, sees other things: its cursor is none here. */
function placeOf(c: Context<Keyed>): string {
  const { accountId, lineage, tags } = c.var.keyRecord;
  return `cursor ${accountId} ${lineage} ${JSON.stringify(tags)} ${routePath(c)}`;
}
