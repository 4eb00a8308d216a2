/**
 * The 14 digits that the IMEI and the IMEISV of a device have in common: its type and serial number, without the check
 * digit of the one and the software version of the other.
 */
export function deviceOf(imei: string): string {
  return imei.slice(0, 14);
}
