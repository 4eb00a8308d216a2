import * as z from "zod";
import { shownAs } from "./shown-as";

/** In a class of a regular expression; spelt out, since not every validator of a JSON schema knows `\p{Cc}`. */
export const CONTROL_CHARACTERS = String.raw`\u0000-\u001f\u007f-\u009f`;
export const SURROGATES = String.raw`\ud800-\udfff`;

/** 1 to `max` characters (code points), none of them a control character or half a surrogate pair. */
export function plainText(max: number) {
  const shown = z
    .string()
    .min(1)
    .max(max)
    .regex(new RegExp(`^[^${CONTROL_CHARACTERS}]*$`, "u"));
  return shownAs(
    // A class with surrogates would keep out every emoji where a validator has no flag `u`.
    shown,
    z
      .string(`1 to ${max} characters without control characters`)
      .regex(new RegExp(`^[^${CONTROL_CHARACTERS}${SURROGATES}]{1,${max}}$`, "u")),
  );
}

/** Bytes of a text in UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** A name, an alias or a label. */
export const Name = plainText(100);
