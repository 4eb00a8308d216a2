import * as z from "zod";

/** 1 to `max` characters (code points), none of them a control character or half a surrogate pair. */
export function plainText(max: number) {
  return z.string().regex(new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${max}}$`, "u"));
}

/** A name, an alias or a label. */
export const Name = plainText(100);
