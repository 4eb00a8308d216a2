import { type Device, type Stars, thiefsImei } from "./devices";
import type { Life } from "./kinds";
import { crossing, runaway, stolen } from "./lives/stars";

/** The run that is looked at. */
interface About {
  seed: number;
  /** The month that it ends in, `YYYY-MM`. */
  month: string;
}

/** A call to paste, and what it shows. */
export interface Look {
  at: string;
  path: string;
}

export interface Scenario {
  /** What happens, as `--help` says it. */
  tells: string;
  /** Whom it happens to; nobody: the whole fleet is as always. */
  stars?: (sims: number) => Stars;
  life?: (seed: number) => Life;
  /** Where it is to be seen. `star` is the first of the stars, else the first device. */
  looks: (star: Device, about: About) => Look[];
}

export const SCENARIOS = {
  "steady-day": {
    tells: "trackers drive, meters wake and sleep, cameras film; a few devices are broken",
    looks: (star, { month }) => [
      { at: "who is online", path: "/sims?filter=online:true&limit=3" },
      { at: "who uses most", path: "/sims?sort=-usage&limit=3" },
      { at: "the day by hours", path: `/usage?group=hours&filter=time:${month}` },
      { at: "by country", path: `/usage?group=country&filter=time:${month}` },
      { at: "one device's network log", path: `/network-logs/${star.card.id}` },
    ],
  },
  "border-crossing": {
    tells: "a tenth of the fleet are trackers that cross a border in the middle of the time",
    stars: (sims) => ({ kind: "tracker", count: Math.max(1, Math.round(sims / 10)) }),
    life: () => crossing,
    looks: ({ card, home }, { month }) => [
      {
        at: `the first of them: \`country_code\` and \`network\` are no longer those of ${home.name}`,
        path: `/sims/${card.id}`,
      },
      {
        at: "it leaves one network and registers with the other",
        path: `/network-logs/${card.id}`,
      },
      {
        at: "its usage in both countries",
        path: `/usage/${card.id}?group=country&filter=time:${month}`,
      },
      { at: `who is in ${home.name} now`, path: `/sims?filter=country_code:${home.code}&limit=3` },
    ],
  },
  "stolen-sim": {
    tells: "a camera's SIM is taken in the middle of the time and used in a phone",
    stars: () => ({ kind: "camera", count: 1 }),
    life: stolen,
    looks: ({ card, imei, index }, { seed, month }) => [
      {
        at: "the SIM by the phone's IMEI, which is none of the fleet's",
        path: `/sims?filter=imei:${thiefsImei(seed, index)}`,
      },
      {
        at: `its log: the camera (IMEI ${imei}) leaves, the phone comes`,
        path: `/network-logs/${card.id}`,
      },
      {
        at: "it downloads now, where it uploaded before",
        path: `/usage/${card.id}?group=hours&filter=time:${month}`,
      },
    ],
  },
  "runaway-data": {
    tells: "a camera sends a hundred times as much from the middle of the time on",
    stars: () => ({ kind: "camera", count: 1 }),
    life: () => runaway,
    looks: ({ card }, { month }) => [
      { at: "the SIM that uses most is that camera's", path: "/sims?sort=-usage&limit=1" },
      { at: "since when", path: `/usage/${card.id}?group=hours&filter=time:${month}` },
      { at: "how much of its monthly limit is gone: `data_limit`", path: `/sims/${card.id}` },
    ],
  },
  "endpoint-outage": {
    tells: "a webhook's endpoint on this machine fails for a while; nothing is lost",
    looks: () => [{ at: "the feed, which has every event", path: "/events?limit=3" }],
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
