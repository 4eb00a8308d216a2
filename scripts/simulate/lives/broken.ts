import { HOUR_MS, MINUTE_MS } from "../../../src/platform/time";
import type { Life, Span } from "../kinds";
import type { Modem } from "../modem";
import { filming } from "./camera";

/** Three ways to be broken: one cannot hold its network, one is not let in, one falls silent in the middle of a session. */
export const broken: Life = function* (modem, span) {
  yield* modem.random.pick([flapping, shutOut, silent])(modem, span);
};

const CRUMBS = { up: [0, 600], down: [0, 200] } as const;

function* flapping(modem: Modem, { begin, end }: Span) {
  const { device, random } = modem;
  let time = begin + random.between(1, 5 * MINUTE_MS);
  while (time < end) {
    time = yield* modem.attach(time, device.home);
    time = yield* modem.open(time);
    time = yield* modem.close(time + random.between(5_000, 5 * MINUTE_MS), CRUMBS);
    time = yield* modem.detach(time);
    time += random.between(5 * MINUTE_MS, 40 * MINUTE_MS);
  }
}

/** The reason is cause #13 of 3GPP TS 24.301. It waits longer each time, as it should. */
function* shutOut(modem: Modem, { begin, end }: Span) {
  const { device, random } = modem;
  let wait = 2 * MINUTE_MS;
  let time = begin + random.between(1, wait);
  while (time < end) {
    time = yield* modem.refused(time, device.home, "roaming not allowed in this tracking area");
    time += wait + random.between(0, wait / 4);
    wait = Math.min(2 * HOUR_MS, wait * 2);
  }
}

function* silent(modem: Modem, { begin, end }: Span) {
  const dies = begin + (end - begin) * (modem.random.between(30, 70) / 100);
  const time = yield* filming(modem, { begin, end: dies });
  yield* modem.open(time);
}
