import * as fc from "fast-check";
import { expect, it } from "vitest";
import { isoTime } from "../src/time";

it("writes a time as toISOString does, whatever was written before", () => {
  const times = fc.oneof(
    fc.integer({ min: 0, max: 4e12 }),
    fc.integer({ min: 1e12, max: 1e12 + 3e3 }),
  );
  fc.assert(
    fc.property(fc.array(times), (given) => {
      expect(given.map(isoTime)).toEqual(given.map((time) => new Date(time).toISOString()));
    }),
  );
});
