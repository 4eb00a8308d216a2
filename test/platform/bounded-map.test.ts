import { expect, it } from "vitest";
import { BoundedMap } from "../../src/platform/bounded-map";

it("forgets the entry that was set longest ago, and no other", () => {
  const map = new BoundedMap<string, number>(3);
  for (const [value, key] of ["a", "b", "c", "a", "d"].entries()) map.set(key, value);
  expect(["a", "b", "c", "d"].map((key) => map.get(key))).toEqual([3, undefined, 2, 4]);
});

it("ends an entry after its time", () => {
  const map = new BoundedMap<string, number>(3, 1000);
  map.set("a", 1, 5000);
  expect([map.get("a", 5999), map.get("a", 6000)]).toEqual([1, undefined]);
});

it("removes the entries whose values match", () => {
  const map = new BoundedMap<string, number>(3);
  for (const value of [1, 2, 3]) map.set(`${value}`, value);
  map.deleteWhere((value) => value > 1);
  expect(["1", "2", "3"].map((key) => map.get(key))).toEqual([1, undefined, undefined]);
});
