import { expect, it } from "vitest";
import { AddressRange, areWithin, isWithin } from "../../src/access/allowed-ips";

it.each([
  ["192.0.2.7", "192.0.2.0/24", true],
  ["192.0.3.7", "192.0.2.0/24", false],
  ["192.0.2.7", "192.0.2.7/32", true],
  ["192.0.2.8", "192.0.2.7/32", false],
  ["203.0.113.9", "0.0.0.0/0", true],
  ["2001:db8::1", "0.0.0.0/0", false],
  ["2001:db8:0:1::9", "2001:db8::/32", true],
  ["2001:DB8::9", "2001:db8::9/128", true],
  ["2001:db9::9", "2001:db8::/32", false],
  ["192.0.2.7", "::/0", false],
  // A client of IPv4, told as IPv6.
  ["::ffff:192.0.2.7", "192.0.2.0/24", true],
  ["unknown", "0.0.0.0/0", false],
  ["", "::/0", false],
  ["192.0.2.7, 198.51.100.1", "0.0.0.0/0", false],
])("%s in %s: %j", (address, range, expected) => {
  expect(isWithin(address, [range])).toBe(expected);
  expect(isWithin(address, ["198.18.0.0/15", range])).toBe(expected);
});

it("takes no ranges for everywhere, also what tells no address", () => {
  expect(isWithin("unknown", [])).toBe(true);
});

it.each(["192.0.2.0/24", "192.0.2.1/32", "0.0.0.0/0", "2001:db8::/32", "::/0", "2001:db8::1/128"])(
  "takes %s for a range",
  (range) => {
    expect(AddressRange.safeParse(range).success).toBe(true);
  },
);

it.each([
  "192.0.2.1",
  "192.0.2.1/24",
  "192.0.2.0/33",
  "192.0.2.0/-1",
  "192.0.2/24",
  "010.0.0.0/8",
  "0x0a.0.0.0/8",
  "2001:db8::1/32",
  "2001:db8::/129",
  "::ffff:192.0.2.0/120",
  "fe80::%eth0/64",
  "192.0.2.0/255.255.255.0",
  "example.com/8",
  "",
  "/",
  null,
  8,
])("does not take %j", (range) => {
  expect(AddressRange.safeParse(range).success).toBe(false);
});

it.each([
  [["10.1.0.0/16"], ["10.0.0.0/8"], true],
  [["10.0.0.0/8"], ["10.0.0.0/8"], true],
  [["10.0.0.0/7"], ["10.0.0.0/8"], false],
  [["10.0.0.0/8", "192.0.2.1/32"], ["10.0.0.0/8"], false],
  [["10.0.0.0/8", "192.0.2.1/32"], ["192.0.2.0/24", "10.0.0.0/8"], true],
  [["2001:db8:1::/48"], ["2001:db8::/32"], true],
  [["::/0"], ["0.0.0.0/0"], false],
  [[], ["0.0.0.0/0"], false],
  [["10.0.0.0/8"], [], true],
  [[], [], true],
])("%j within %j: %j", (ranges, outer, expected) => {
  expect(areWithin(ranges, outer)).toBe(expected);
});
