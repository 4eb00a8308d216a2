import type { Event, UsageEvent } from "../../src/events/schemas";
import type { Network } from "../../src/events/details";
import type { Device } from "./devices";
import { rounded } from "./routes";
import type { Country, Place } from "./networks";
import { type Random, uuidOf } from "./random";

/** Bytes up and down of one report, each from and to. */
export interface Traffic {
  up: readonly [number, number];
  down: readonly [number, number];
}

const NOTHING: Traffic = { up: [0, 0], down: [0, 0] };

/** A step of a device: its events, and then the time at which it can go on. */
export type Step = Generator<Event, number>;

/**
 * What stands between a device and the network. It is authenticated and registered before it has a session, has one at a
 * time, and moves to another network only by registering there; each step takes time, so that no two events have the same.
 */
export interface Modem {
  device: Device;
  random: Random;
  attach(time: number, country: Country): Step;
  /** The network does not take it. */
  refused(time: number, country: Country, reason: string): Step;
  detach(time: number): Step;
  open(time: number): Step;
  /** What went through since the last report. */
  update(time: number, traffic: Traffic): Step;
  close(time: number, traffic: Traffic): Step;
  locate(time: number, place: Place): Step;
  /** The SIM is in another device from now on. */
  moveTo(imei: string): void;
}

interface Session {
  session_id: string;
  bill_id: string;
}

export function modemOf(device: Device, networkType: string, random: Random): Modem {
  const sim_id = device.card.id;
  let imei = device.imei;
  let network: Network | undefined;
  let previous: string | null = null;
  let session: Session | undefined;
  let bills = 0;

  const cell = { cell_id: 0, location_area_code: 0 };
  const soon = (time: number, least = 200, most = 2_000) => time + random.between(least, most);
  const common = (time: number, by: Network) => ({
    time,
    sim_id,
    country_code: codeOf(by),
    network: by,
    network_type: networkType,
  });
  const here = () => {
    if (!network) throw new Error(`${sim_id} is in no network.`);
    return network;
  };

  function usage(time: number, operation: UsageEvent["operation"], traffic: Traffic): UsageEvent {
    if (!session) throw new Error(`${sim_id} has no session.`);
    const upload = random.between(...traffic.up);
    const download = random.between(...traffic.down);
    return { type: "usage", ...common(time, here()), ...session, operation, upload, download };
  }

  /** Cards are told which network to try first, and follow it most of the time. */
  function chosen(country: Country): Network {
    const [first] = country.networks;
    return first && random.chance(0.6) ? first : random.pick(country.networks);
  }

  return {
    device,
    random,
    *attach(time, country) {
      network = chosen(country);
      cell.cell_id = random.between(1_000_000, 200_000_000);
      cell.location_area_code = random.between(1, 65_533);
      yield { type: "network-validation", ...common(time, network), imei };
      const at = soon(time);
      const country_code_previous = previous;
      previous = country.code;
      yield { type: "network-registration", ...common(at, network), imei, country_code_previous };
      return soon(at);
    },
    *refused(time, country, reason) {
      const by = chosen(country);
      yield { type: "network-validation", ...common(time, by), imei };
      const at = soon(time);
      const outcome = { status: "rejected", reason, country_code_previous: previous };
      yield { type: "network-registration", ...common(at, by), imei, ...outcome };
      return soon(at);
    },
    *detach(time) {
      yield { type: "network-deregistration", ...common(time, here()), imei };
      network = undefined;
      return soon(time);
    },
    *open(time) {
      const bill = String(++bills).padStart(4, "0");
      const seconds = String(Math.floor(time / 1000)).padStart(10, "0");
      session = { session_id: uuidOf(random), bill_id: `${seconds}-${bill}` };
      yield usage(time, "start", NOTHING);
      return soon(time);
    },
    *update(time, traffic) {
      yield usage(time, "update", traffic);
      return soon(time);
    },
    *close(time, traffic) {
      yield usage(time, "finalize", traffic);
      session = undefined;
      return soon(time);
    },
    *locate(time, { lat, lng }) {
      const accuracy = random.between(8, 900);
      const location = { lat: rounded(lat), lng: rounded(lng), ...cell, accuracy };
      yield { type: "location", ...common(time, here()), imei, location };
      return soon(time);
    },
    moveTo(other) {
      imei = other;
    },
  };
}

function codeOf({ country_code }: Network): string {
  if (country_code === null) throw new Error("A network here has a country.");
  return country_code.toLowerCase();
}
