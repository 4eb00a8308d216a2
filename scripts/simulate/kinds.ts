import type { Event } from "../../src/events/schemas";
import { broken } from "./lives/broken";
import { camera } from "./lives/camera";
import { meter } from "./lives/meter";
import { tracker } from "./lives/tracker";
import type { Modem } from "./modem";

export type KindName = "tracker" | "meter" | "camera" | "broken";

/** The time that is simulated, ms. */
export interface Span {
  begin: number;
  end: number;
}

/** What a device does over a span, event by event, in the order of time. */
export type Life = (modem: Modem, span: Span) => Generator<Event, void>;

export interface Kind {
  name: KindName;
  /** Its share of a fleet, in percent. */
  weight: number;
  networkType: string;
  /** Type allocation codes as modules have them: 35 are given out in Britain, 86 in China. */
  tacs: readonly string[];
  life: Life;
}

export const KINDS: readonly Kind[] = [
  {
    name: "tracker",
    weight: 35,
    networkType: "LTE-M",
    tacs: ["35275309", "86642503"],
    life: tracker,
  },
  {
    name: "meter",
    weight: 45,
    networkType: "NB-IoT",
    tacs: ["86770303", "35275309"],
    life: meter,
  },
  { name: "camera", weight: 16, networkType: "LTE", tacs: ["86110703"], life: camera },
  {
    name: "broken",
    weight: 4,
    networkType: "LTE",
    tacs: ["86110703", "35275309"],
    life: broken,
  },
];
