import { parseArgs } from "node:util";
import { HOUR_MS, Time } from "../../src/platform/time";
import { MOST_SIMS } from "./devices";
import { SCENARIOS, type ScenarioName } from "./scenarios";

export interface Options {
  sims: number;
  hours: number;
  /** Events a second of the clock on the wall, at most. */
  rate: number;
  /** How much faster than the clock on the wall the fleet's time goes, at most. */
  speed: number;
  seed: number;
  /** ms */
  start: number;
  scenario: ScenarioName;
  url: string;
  operatorKey: string | undefined;
  account: string | undefined;
  /** Only prints the events. */
  print: boolean;
  help: boolean;
}

export const DEFAULT_URL = "http://localhost:8787";

/** The command line is wrong; the message says how. */
export class WrongOption extends Error {
  override name = "WrongOption";
}

/** Reads the arguments of `npm run simulate`. Throws {@link WrongOption}. */
export function readOptions(given: string[], now: number, drawnSeed: number): Options {
  const values = parse(given[0] === "--" ? given.slice(1) : given);
  const hours = numberOf("hours", values.hours, 1 / 60, 24 * 90);
  return {
    sims: whole("sims", values.sims, 1, MOST_SIMS),
    hours,
    rate: values.rate === "max" ? Infinity : numberOf("rate", values.rate, 1, 1e6),
    speed: values.speed === "max" ? Infinity : numberOf("speed", values.speed, 0.1, 1e6),
    seed: values.seed === undefined ? drawnSeed : whole("seed", values.seed, 0, 2 ** 31 - 1),
    start: values.start === undefined ? startFor(hours, now) : timeOf(values.start),
    scenario: scenarioOf(values.scenario),
    url: urlOf(values.url),
    operatorKey: values["operator-key"],
    account: values.account,
    print: values.print,
    help: values.help,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        sims: { type: "string", default: "100" },
        hours: { type: "string", default: "24" },
        rate: { type: "string", default: "50" },
        speed: { type: "string", default: "max" },
        seed: { type: "string" },
        start: { type: "string" },
        scenario: { type: "string", default: "steady-day" },
        url: { type: "string", default: DEFAULT_URL },
        "operator-key": { type: "string" },
        account: { type: "string" },
        print: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new WrongOption(error instanceof Error ? error.message : String(error));
  }
}

/** The span ends about now, so that what is told last is what the SIMs show. */
function startFor(hours: number, now: number): number {
  return Math.floor((now - hours * HOUR_MS) / 1000) * 1000;
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= least && value <= most)) {
    const or = name === "rate" || name === "speed" ? ', or "max"' : "";
    throw new WrongOption(
      `--${name} ${text} is not a number from ${shown(least)} to ${most}${or}.`,
    );
  }
  return value;
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = numberOf(name, text, least, most);
  if (!Number.isInteger(value)) throw new WrongOption(`--${name} ${text} is not a whole number.`);
  return value;
}

function shown(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function timeOf(text: string): number {
  const time = Time.safeParse(text);
  if (!time.success || time.data < 0)
    throw new WrongOption(`--start ${text} is not a time since 1970, as 2026-11-25T00:00:00Z is.`);
  return time.data;
}

function scenarioOf(text: string): ScenarioName {
  const names = Object.keys(SCENARIOS);
  if (!isScenario(text))
    throw new WrongOption(`--scenario ${text} is none of ${names.join(", ")}.`);
  return text;
}

function isScenario(text: string): text is ScenarioName {
  return Object.hasOwn(SCENARIOS, text);
}

function urlOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new WrongOption(`--url ${text} is not a URL, as http://localhost:8787 is.`);
  return text;
}
