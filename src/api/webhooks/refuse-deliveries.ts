import { createMiddleware } from "hono/factory";
import { ApiError } from "../../platform/errors";

/**
 * Refuses deliveries of a deployment like this one. A webhook whose URL leads here, by a name that `OWN_HOSTNAMES` does not
 * list, could otherwise begin a delivery with each delivery, without end.
 */
export const refuseDeliveries = createMiddleware(async (c, next) => {
  if (c.req.header("webhook-signature") !== undefined) throw new ApiError("webhook_loop");
  await next();
});
