import { HOUR_MS } from "../../../src/platform/time";
import type { Life } from "../kinds";
import type { Traffic } from "../modem";

const READING: Traffic = { up: [180, 900], down: [40, 220] };
const EVERY_HOURS = [4, 6, 12] as const;

/** Sleeps for hours without a network, wakes, sends a reading and sleeps again. */
export const meter: Life = function* (modem, { begin, end }) {
  const { device, random } = modem;
  const every = random.pick(EVERY_HOURS) * HOUR_MS;
  for (let wake = begin + random.between(1, every); wake < end; wake += every) {
    let time = yield* modem.attach(wake + random.between(0, 60_000), device.home);
    time = yield* modem.open(time);
    time = yield* modem.close(time + random.between(3_000, 40_000), READING);
    yield* modem.detach(time + random.between(1_000, 10_000));
  }
};
