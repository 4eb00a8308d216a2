import { ApiError } from "../platform/errors";
import type { Step } from "./types";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Refuses calls over http with `https_required`, except on a loopback host, for development. */
export const httpsOnly: Step = (c, next) => {
  if (!c.req.url.startsWith("https:") && !LOOPBACK.test(new URL(c.req.url).hostname))
    throw new ApiError("https_required");
  return next();
};
