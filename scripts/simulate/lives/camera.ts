import { HOUR_MS, MINUTE_MS } from "../../../src/platform/time";
import type { Life, Span } from "../kinds";
import type { Modem, Step, Traffic } from "../modem";

const BY_DAY: Traffic = { up: [4_000_000, 60_000_000], down: [150_000, 900_000] };
const BY_NIGHT: Traffic = { up: [800_000, 9_000_000], down: [100_000, 300_000] };

/** Always on: a session after another, each of some hours. */
export const camera: Life = function* (modem, span) {
  yield* filming(modem, span);
};

/** As {@link camera}; at the end of the span it is registered and without a session. */
export function* filming(modem: Modem, { begin, end }: Span): Step {
  const { device, random } = modem;
  let time = begin + random.between(1, Math.min(30 * MINUTE_MS, (end - begin) / 8));
  time = yield* modem.attach(time, device.home);
  time = yield* modem.locate(time, device.place);
  while (time < end) {
    time = yield* modem.open(time);
    const hangUp = Math.min(end, time + random.between(3 * HOUR_MS, 7 * HOUR_MS));
    time += report(random);
    for (; time < hangUp; time += report(random)) time = yield* modem.update(time, trafficAt(time));
    time = yield* modem.close(time, trafficAt(time));
    time += random.between(1_000, 20_000);
  }
  return time;
}

function report(random: Modem["random"]): number {
  return random.between(25 * MINUTE_MS, 35 * MINUTE_MS);
}

function trafficAt(time: number): Traffic {
  const hour = new Date(time).getUTCHours();
  return hour >= 6 && hour < 20 ? BY_DAY : BY_NIGHT;
}
