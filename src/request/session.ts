import { openSession as open } from "../db/client";
import { ApiError } from "../platform/errors";
import type { Step } from "./types";

const BOOKMARK_HEADER = "x-d1-bookmark";
const BOOKMARK = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/;

/**
 * Opens a database session that starts at the bookmark that the caller sent, and answers with the bookmark where it ended:
 * so a caller reads its own writes from any replica. Throws `bookmark_invalid`.
 */
export const openSession: Step = async (c, next) => {
  const sent = c.req.header(BOOKMARK_HEADER);
  if (sent !== undefined && !BOOKMARK.test(sent)) throw new ApiError("bookmark_invalid");
  const { db, unaudited, bookmark } = open(c.env.DB, sent, c.get("actor"));
  c.set("db", db);
  c.set("unaudited", unaudited);
  await next();
  const latest = bookmark();
  // `c.header` would copy the whole response.
  if (latest) c.res.headers.set(BOOKMARK_HEADER, latest);
};
