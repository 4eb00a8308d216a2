import * as z from "zod";

/** Two letters (ISO 3166-1), in either case; kept lower case. */
export const CountryCode = z
  .string()
  .regex(/^[a-zA-Z]{2}$/)
  .toLowerCase();

/** An ICCID of 18 to 22 digits. Blanks, dashes and the F that fills up its last byte are removed: files, prints and modems have them. */
export const Iccid = z
  .string()
  .regex(/^(?:[0-9][ -]?){18,22}[Ff]?$/)
  .transform((text) => text.replaceAll(/[ F-]/gi, ""));

/** The 32 digits of an eSIM's chip; blanks and dashes are removed. */
export const Eid = z
  .string()
  .regex(/^(?:[0-9][ -]?){32}$/)
  .transform((text) => text.replaceAll(/[ -]/g, ""));

export const Imsi = z.string().regex(/^[0-9]{6,15}$/);

/** A phone number of 3 to 15 digits with its country code; a `+` before it is removed. */
export const Msisdn = z
  .string()
  .regex(/^\+?[0-9]{3,15}$/)
  .transform((text) => text.replace("+", ""));

/** An IMEI of 14 or 15 digits or an IMEISV of 16; blanks, dashes and slashes, as printed ones have them, are removed. */
export const Imei = z
  .string()
  .regex(/^(?:[0-9][ /-]?){14,16}$/)
  .transform((text) => text.replaceAll(/[ /-]/g, ""));

/** A SIM's id: nine ASCII digits. */
export const SimId = z.string("a string of nine digits").regex(/^[0-9]{9}$/);
