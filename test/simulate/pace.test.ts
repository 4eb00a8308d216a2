import { expect, it } from "vitest";
import { type Clock, paced } from "../../scripts/simulate/pace";

/** A clock that goes only while somebody waits. */
function givenClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    pause(ms) {
      now += ms;
      return Promise.resolve();
    },
  };
}

/** As many events, one each so many milliseconds. */
function* eventsEvery(ms: number, count: number) {
  for (let index = 0; index < count; index++) yield { event: { time: index * ms } };
}

/** When each event was let through, in ms of the clock. */
async function passed(ms: number, count: number, pace: { rate: number; speed: number }) {
  const clock = givenClock();
  const times: number[] = [];
  const { signal } = new AbortController();
  for await (const lot of paced(eventsEvery(ms, count), { ...pace, start: 0 }, signal, clock))
    times.push(...lot.map(() => clock.now()));
  return times;
}

it("lets no more through than the rate, and all of it", async () => {
  const times = await passed(1, 1000, { rate: 50, speed: Infinity });
  expect(times).toHaveLength(1000);
  for (const from of [0, 3_000, 10_000])
    expect(times.filter((time) => time >= from && time < from + 1000)).toHaveLength(50);
});

it("lets nothing through before its time, which goes as fast as is said", async () => {
  const times = await passed(60_000, 100, { rate: Infinity, speed: 60 });
  expect(times).toHaveLength(100);
  expect(times.every((time, index) => time >= index * 1000)).toBe(true);
  expect(times.at(-1)).toBeLessThan(100_000);
});

it("does not wait where nothing says so", async () => {
  expect(await passed(60_000, 5000, { rate: Infinity, speed: Infinity })).toEqual(
    Array.from({ length: 5000 }, () => 0),
  );
});

it("ends when it is told to", async () => {
  const stop = new AbortController();
  const lots: unknown[][] = [];
  const events = eventsEvery(1, 1e6);
  for await (const lot of paced(
    events,
    { rate: 10, speed: Infinity, start: 0 },
    stop.signal,
    givenClock(),
  )) {
    lots.push(lot);
    if (lots.length === 3) stop.abort();
  }
  expect(lots).toHaveLength(3);
});
