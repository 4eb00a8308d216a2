import ipaddr from "ipaddr.js";
import * as z from "zod";

/** A CIDR range, IPv4 or IPv6, that begins at its first address: `10.1.2.3/8` is rather a slip than a wish. */
export const AddressRange = z.union([z.cidrv4(), z.cidrv6()]).refine(beginsAtItsFirst);

function beginsAtItsFirst(range: string): boolean {
  const parsed = parseRange(range);
  if (!parsed) return false;
  const [address] = parsed;
  if (address instanceof ipaddr.IPv4)
    return ipaddr.IPv4.networkAddressFromCIDR(range).toString() === address.toString();
  // The addresses of IPv4 clients are told as IPv4.
  if (address.isIPv4MappedAddress() || address.zoneId !== undefined) return false;
  return ipaddr.IPv6.networkAddressFromCIDR(range).toString() === address.toString();
}

/** Whether an address lies in one of the ranges; none means everywhere. */
export function isWithin(address: string, ranges: readonly string[]): boolean {
  if (ranges.length === 0) return true;
  if (!ipaddr.isValid(address)) return false;
  const given = ipaddr.process(address);
  return ranges.some((range) => {
    const parsed = parseRange(range);
    return parsed !== undefined && given.kind() === parsed[0].kind() && given.match(parsed);
  });
}

/** Whether each of the ranges lies in one of `outer`; none means everywhere. */
export function areWithin(ranges: readonly string[], outer: readonly string[]): boolean {
  if (outer.length === 0) return true;
  return ranges.length > 0 && ranges.every((range) => outer.some((one) => contains(one, range)));
}

function contains(outer: string, inner: string): boolean {
  const [around, within] = [parseRange(outer), parseRange(inner)];
  if (!around || !within) return false;
  const [[first, bits], [address, innerBits]] = [around, within];
  return first.kind() === address.kind() && innerBits >= bits && address.match(around);
}

function parseRange(range: string) {
  return ipaddr.isValidCIDR(range) ? ipaddr.parseCIDR(range) : undefined;
}
