import { MINUTE_MS } from "../../../src/platform/time";
import { thiefsImei } from "../devices";
import type { Life, Span } from "../kinds";
import type { Traffic } from "../modem";
import { filming } from "./camera";
import { drive, neighbourOf } from "./tracker";

const BROWSING: Traffic = { up: [500_000, 6_000_000], down: [20_000_000, 150_000_000] };
const RUNAWAY: Traffic = { up: [300_000_000, 900_000_000], down: [500_000, 2_000_000] };

export function middleOf({ begin, end }: Span): number {
  return Math.round((begin + end) / 2);
}

/** A tracker that drives abroad all the time, and crosses the border in the middle of it. */
export const crossing: Life = function* (modem, { begin, end }) {
  const { device, random } = modem;
  const country = neighbourOf(device.home, random);
  const from = { country: device.home, place: device.place };
  const to = { country, place: random.pick(country.cities) };
  let time = begin + random.between(1, Math.min(MINUTE_MS, (end - begin) / 20));
  time = yield* modem.attach(time, device.home);
  const every = Math.min(15 * MINUTE_MS, (end - begin) / 12);
  yield* drive(modem, { from, to, departure: time, arrival: end }, every);
};

/** A camera whose SIM is taken in the middle, and used in a phone from then on. */
export function stolen(seed: number): Life {
  return function* (modem, span) {
    const { device, random } = modem;
    const ride = Math.min(40 * MINUTE_MS, (span.end - span.begin) / 12);
    let time = yield* filming(modem, { begin: span.begin, end: middleOf(span) });
    time = yield* modem.detach(time);
    modem.moveTo(thiefsImei(seed, device.index));
    time = yield* modem.attach(time + random.between(ride / 2, ride), device.home);
    time = yield* modem.open(time);
    while (time < span.end)
      time = yield* modem.update(time + random.between(ride / 8, ride / 3), BROWSING);
  };
}

/** A camera that sends a hundred times as much from the middle on. */
export const runaway: Life = function* (modem, span) {
  const { random } = modem;
  let time = yield* filming(modem, { begin: span.begin, end: middleOf(span) });
  time = yield* modem.open(time);
  const every = Math.min(10 * MINUTE_MS, (span.end - span.begin) / 24);
  while (time < span.end)
    time = yield* modem.update(time + random.between(every / 2, every), RUNAWAY);
};
