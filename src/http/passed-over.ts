import * as z from "zod";

/** A field that is only read: whatever is sent in it says nothing. */
export const PassedOver = z
  .unknown()
  .transform(() => undefined)
  .optional();
