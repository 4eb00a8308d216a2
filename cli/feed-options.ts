import { Option } from "@commander-js/extra-typings";
import { EVENT_TYPES } from "../client/constants";
import { ago } from "./when";

/** Which events of the feed a command is about. */

export const SINCE = new Option(
  "--since <when>",
  "how long ago (15m), or a time; else what comes from now on",
).argParser((text) => ago(text));
export const TYPE = new Option("--type <type>", "only these events").choices(EVENT_TYPES);
export const SIM = new Option("--sim <id>", "only this SIM's");
