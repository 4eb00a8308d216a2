import * as z from "zod";

/** Two letters (ISO 3166-1), in either case; kept lower case. */
export const CountryCode = z
  .string()
  .regex(/^[a-zA-Z]{2}$/)
  .toLowerCase();

/** An IMEI of 14 or 15 digits or an IMEISV of 16; blanks, dashes and slashes, as printed ones have them, are removed. */
export const Imei = z
  .string()
  .regex(/^(?:[0-9][ /-]?){14,16}$/)
  .transform((text) => text.replaceAll(/[ /-]/g, ""));
