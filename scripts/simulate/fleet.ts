import TinyQueue from "tinyqueue";
import type { Event } from "../../src/events/schemas";
import { type Device, deviceAt, kindOf } from "./devices";
import type { Span } from "./kinds";
import { modemOf } from "./modem";
import type { Scenario } from "./scenarios";

/** What decides every event. */
export interface Plan {
  seed: number;
  sims: number;
  span: Span;
  scenario: Scenario;
}

export interface Happening {
  event: Event;
  device: Device;
}

interface Waiting extends Happening {
  life: Iterator<Event>;
}

/** The plan's devices, one by one. */
export function* devicesOf({ seed, sims, scenario }: Plan): Generator<Device> {
  for (let index = 0; index < sims; index++)
    yield deviceAt(seed, index, scenario.stars?.(sims)).device;
}

/** All that happens to the plan's devices, in the order of time: of each no more is known than what it does next. */
export function* happenings(plan: Plan): Generator<Happening> {
  const queue = new TinyQueue<Waiting>([], byTime);
  for (let index = 0; index < plan.sims; index++) goOn(queue, lifeAt(plan, index), plan.span.end);
  for (let first = queue.pop(); first; first = queue.pop()) {
    const { event, device } = first;
    yield { event, device };
    goOn(queue, first, plan.span.end);
  }
}

function lifeAt({ seed, sims, span, scenario }: Plan, index: number) {
  const stars = scenario.stars?.(sims);
  const { device, random } = deviceAt(seed, index, stars);
  const kind = kindOf(device.kind);
  const live = stars && index < stars.count && scenario.life ? scenario.life(seed) : kind.life;
  return { device, life: live(modemOf(device, kind.networkType, random), span) };
}

/** What comes after the end is cut off, as it is for whoever looks at a core network for a day. */
function goOn(
  queue: TinyQueue<Waiting>,
  { device, life }: { device: Device; life: Iterator<Event> },
  end: number,
): void {
  const next = life.next();
  if (!next.done && next.value.time < end) queue.push({ event: next.value, device, life });
}

/** Two of one moment go by their place in the fleet, so that the order is always the same. */
function byTime(a: Waiting, b: Waiting): number {
  return a.event.time - b.event.time || a.device.index - b.device.index;
}
