import * as z from "zod";
import { Iccid, SimId } from "../../http/scalars";

/** What comes before a SIM's id in the ICCID of one that was issued without: the pattern of the fleet API's real ones. */
const PREFIX = "8945730000";

/** The ICCID of a SIM whose card came without one: the id is its digits 11 to 19, and the Luhn digit (ITU-T E.118) its last. */
export function iccidOf(simId: string): string {
  const digits = PREFIX + simId;
  let sum = 0;
  for (const [place, digit] of digits.split("").entries()) {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return digits + String((10 - (sum % 10)) % 10);
}

/** Names a SIM in the fleet API: its id, or its ICCID with or without the check digit. */
export const SimRef = z.union([SimId, Iccid]);
