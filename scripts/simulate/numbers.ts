import { iccidOf } from "../../src/api/sims/iccid";

/** What a card is known by: its numbers follow from its SIM's id. */
export interface Card {
  id: string;
  iccid: string;
  imsi: string;
  msisdn: string;
  ipv4: string;
}

/** ITU-T E.118 and 3GPP TS 23.003: the digit that makes the Luhn sum of a number a multiple of ten. */
export function luhnDigit(digits: string): string {
  let sum = 0;
  for (const [place, digit] of digits.split("").toReversed().entries()) {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return String((10 - (sum % 10)) % 10);
}

/** 15 digits: the type's code (TAC), a serial number, the Luhn digit. */
export function imeiOf(tac: string, serial: number): string {
  const digits = tac + String(serial % 1_000_000).padStart(6, "0");
  return digits + luhnDigit(digits);
}

/** The card of a SIM, by a Danish operator: IMSIs of 238-73, the 12 digits of Denmark's numbers for machines. */
export function cardOf(id: string, index: number): Card {
  return {
    id,
    iccid: iccidOf(id),
    imsi: `238731${id}`,
    msisdn: `45371${id}`,
    // 100.64.0.0/10, which carriers give to their own (RFC 6598).
    ipv4: `100.${64 + ((index >> 16) & 63)}.${(index >> 8) & 255}.${index & 255}`,
  };
}
