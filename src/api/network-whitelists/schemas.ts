import * as z from "zod";
import { shownAs } from "../../platform/shown-as";
import { TagIds } from "../tags/schemas";
import { CONTROL_CHARACTERS, Name } from "../../platform/text";

export const NetworkListKey = z.object({ name: Name });

/** Strict: a misspelt `mnc` would let in every network of the MCC. */
const Network = z.strictObject({
  mcc: z.string().regex(/^[0-9]{3}$/),
  mnc: z
    .string()
    .regex(/^[0-9]{2,3}$/)
    .nullable()
    .default(null),
});
type Network = z.output<typeof Network>;

/** Each network once, in the order they were given. */
const Networks = z
  .array(Network)
  .max(1000)
  .transform((networks) => [
    ...new Map(networks.map((network) => [`${network.mcc}-${network.mnc}`, network])).values(),
  ]);

const NewName = shownAs(
  z
    .string()
    .min(1)
    .max(100)
    .regex(new RegExp(`^(?!\\.{1,2}$)[^${CONTROL_CHARACTERS}]*$`, "u")),
  Name.regex(/^(?!\.{1,2}$)/),
);

/** What makes a network list. No URL has a path that ends in the names . and .. */
export const NetworkListInput = z.strictObject({
  name: NewName,
  networks: Networks.default([]),
  tags: TagIds.default([]),
});
export type NetworkListInput = z.output<typeof NetworkListInput>;

/** What changes a network list: what is left out stays. */
export const NetworkListPatch = z.strictObject({
  networks: Networks.optional(),
  tags: TagIds.optional(),
});
export type NetworkListPatch = z.output<typeof NetworkListPatch>;
