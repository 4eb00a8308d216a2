import { expect, it } from "vitest";
import { allowanceOf, charge, countCalls, type Spender } from "../../src/access/rate-limit";

let spenders = 0;

/** A key that nothing has counted yet, of an account of its own. */
function newSpender(limit: number): Spender {
  spenders += 1;
  return { keyId: `key ${spenders}`, accountId: `account ${spenders}`, limit };
}

it("says when a key may end another again, where the account has to wait for longer", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  const key = newSpender(10);
  charge({ ...key, keyId: "leaked" }, 200, now);
  for (let calls = 0; calls < 5; calls += 1)
    expect(countCalls(key, 1, { now, pastAccountLimit: true })).toMatchObject({
      admitted: true,
      remaining: 0,
      resetIn: 300,
    });
  const refused = { admitted: false, resetIn: 60 };
  expect(countCalls(key, 1, { now, pastAccountLimit: true })).toMatchObject(refused);
  expect(countCalls(key, 1, { now: now + 60_000, pastAccountLimit: true }).admitted).toBe(true);
  expect(countCalls(key, 1, { now: now + 60_000 }).admitted).toBe(false);
});

it("begins anew each minute, by the clock", () => {
  const now = Date.parse("2026-03-10T12:00:59.500Z");
  const key = newSpender(2);
  const start = { admitted: true, limit: 2, reset: now / 1000 + 0.5, resetIn: 1 };
  expect(countCalls(key, 1, { now })).toEqual({ ...start, remaining: 1 });
  expect(countCalls(key, 1, { now })).toEqual({ ...start, remaining: 0 });
  expect(countCalls(key, 1, { now })).toEqual({ ...start, admitted: false, remaining: 0 });
  expect(allowanceOf(key, now)).toEqual({ ...start, remaining: 0 });
  const next = { ...start, reset: start.reset + 60, resetIn: 60, remaining: 1 };
  expect(countCalls(key, 1, { now: now + 500 })).toEqual(next);
});

it("takes work beyond the limit from the next minutes, and says when a call is admitted again", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  const minute = 60_000;
  const key = newSpender(10);
  countCalls(key, 1, { now });
  expect(charge(key, 33, now)).toMatchObject({ remaining: 0, resetIn: 180 });
  for (const minutes of [0, 1, 2])
    expect(countCalls(key, 1, { now: now + minutes * minute }).admitted).toBe(false);
  const later = countCalls(key, 1, { now: now + 3 * minute });
  expect(later).toMatchObject({ admitted: true, remaining: 5 });
  expect(allowanceOf(key, now + 5 * minute).remaining).toBe(10);
});

it("refused calls are no debt: a loop that ran away goes on in the next minute", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  const key = newSpender(10);
  for (let calls = 0; calls < 1000; calls += 1) countCalls(key, 1, { now });
  expect(countCalls(key, 1, { now: now + 60_000 }).remaining).toBe(9);
});

it("counts on for those that call now, however many keys there were", () => {
  const at = Date.parse("2030-03-10T12:00:00Z");
  for (let key = 0; key < 9_997; key += 1) countCalls(newSpender(5), 1, { now: at - 60_000 });
  const [busy, indebted] = [newSpender(5), newSpender(5)];
  charge(indebted, 100, at - 60_000);
  for (let calls = 0; calls < 3; calls += 1) countCalls(busy, 1, { now: at });
  for (let key = 0; key < 9_000; key += 1) countCalls(newSpender(5), 1, { now: at });
  expect(countCalls(busy, 1, { now: at }).remaining).toBe(1);
  expect(countCalls(indebted, 1, { now: at }).admitted).toBe(false);
});

it("forgets the key that called longest ago when ten thousand others have called", () => {
  const now = Date.parse("2031-03-10T12:00:00Z");
  const [first, second] = [newSpender(5), newSpender(5)];
  for (const spender of [first, second]) countCalls(spender, 1, { now });
  for (let key = 0; key < 9_999; key += 1) countCalls(newSpender(5), 1, { now });
  expect(allowanceOf(second, now).remaining).toBe(4);
  expect(allowanceOf(first, now).remaining).toBe(5);
});
