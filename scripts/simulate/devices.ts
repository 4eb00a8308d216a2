import { type Kind, KINDS, type KindName } from "./kinds";
import { COUNTRIES, type Country, type Place } from "./networks";
import { type Card, cardOf, imeiOf } from "./numbers";
import { rounded } from "./routes";
import { mixed, type Random, randomOf } from "./random";

/** A thing with a SIM in it. */
export interface Device {
  index: number;
  kind: KindName;
  card: Card;
  /** What it is called in the account. */
  label: string;
  imei: string;
  home: Country;
  /** Where it stands, or starts from. */
  place: Place;
}

/** Those of a fleet that a scenario is about: of one kind, and first in it. */
export interface Stars {
  kind: KindName;
  count: number;
}

export const MOST_SIMS = 100_000;
const FLEETS = 7_000;

/** The first SIM's id of a seed's fleet: each seed has 100,000 of its own, until two of 7,000 share them by chance. */
function firstIdOf(seed: number): number {
  return 200_000_000 + (mixed(seed, -1) % FLEETS) * MOST_SIMS;
}

/** The device at a place of the fleet, and the chance that is left for its life: always the same for one seed. */
export function deviceAt(
  seed: number,
  index: number,
  stars?: Stars,
): { device: Device; random: Random } {
  const random = randomOf(seed, index);
  const drawn = random.weighted(KINDS);
  const kind = stars && index < stars.count ? kindOf(stars.kind) : drawn;
  const id = String(firstIdOf(seed) + index);
  const home = random.weighted(COUNTRIES);
  const { lat, lng } = random.pick(home.cities);
  const near = (degrees: number) => rounded(degrees + random.between(-500, 500) / 10_000);
  return {
    random,
    device: {
      index,
      kind: kind.name,
      card: cardOf(id, index),
      label: `${kind.name}-${id}`,
      imei: imeiOf(random.pick(kind.tacs), serialOf(seed, index)),
      home,
      place: { lat: near(lat), lng: near(lng) },
    },
  };
}

/** The device that whoever has taken a SIM puts it into: a phone. */
export function thiefsImei(seed: number, index: number): string {
  return imeiOf("35693803", serialOf(seed, index));
}

export function kindOf(name: KindName): Kind {
  const found = KINDS.find((kind) => kind.name === name);
  if (!found) throw new Error(`There is no kind ${name}.`);
  return found;
}

function serialOf(seed: number, index: number): number {
  return mixed(seed, -2) + index;
}
