import { HOUR_MS, MINUTE_MS } from "../../../src/platform/time";
import type { Life } from "../kinds";
import type { Modem, Step, Traffic } from "../modem";
import { countryOf, type Country } from "../networks";
import { hoursBetween, type Route, whereOn } from "../routes";

const REPORT: Traffic = { up: [1_500, 12_000], down: [300, 2_500] };
const REPORT_MS = 15 * MINUTE_MS;
const ABROAD = 0.12;

/** Drives from city to city, now and then over a border, and stands still at night and between. */
export const tracker: Life = function* (modem, { begin, end }) {
  const { device, random } = modem;
  let from = { country: device.home, place: device.place };
  let time = begin + random.between(1, Math.min(HOUR_MS, (end - begin) / 8));
  time = yield* modem.attach(time, from.country);
  time = yield* modem.locate(time, from.place);
  while (time < end) {
    const country = random.chance(ABROAD) ? neighbourOf(from.country, random) : from.country;
    const to = { country, place: random.pick(country.cities) };
    const hours = Math.max(1, hoursBetween(from.place, to.place));
    time = yield* drive(modem, { from, to, departure: time, arrival: time + hours * HOUR_MS });
    from = to;
    time += isNight(time)
      ? random.between(5 * HOUR_MS, 8 * HOUR_MS)
      : random.between(HOUR_MS, 4 * HOUR_MS);
  }
};

/** A drive with its session and its places; at a border the session ends, and another begins in the other network. */
export function* drive(modem: Modem, route: Route, every = REPORT_MS): Step {
  const { random } = modem;
  let { country } = route.from;
  let time = yield* modem.open(route.departure);
  while (time < route.arrival) {
    time += random.between(every * 0.8, every * 1.2);
    const at = whereOn(route, time);
    if (at.country !== country) {
      time = yield* modem.close(time, REPORT);
      time = yield* modem.detach(time);
      time = yield* modem.attach(time + random.between(10_000, 90_000), at.country);
      time = yield* modem.open(time);
      ({ country } = at);
    } else time = yield* modem.update(time, REPORT);
    time = yield* modem.locate(time, at.place);
  }
  return yield* modem.close(time, REPORT);
}

export function neighbourOf(country: Country, random: Modem["random"]): Country {
  return countryOf(random.pick(country.neighbours));
}

function isNight(time: number): boolean {
  const hour = new Date(time).getUTCHours();
  return hour >= 20 || hour < 5;
}
