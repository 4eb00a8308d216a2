import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { GRANTS } from "../../client/constants";
import type { components } from "../../client";
import { nullOr, type Said, several } from "../parse";
import { ahead } from "../when";

type Scopes = components["schemas"]["KeyInput"]["scopes"];

/** The options that limit a key. */
export function withLimits(command: Command) {
  return command
    .addOption(
      new Option("--scope <scope>", "what it may do; several times for several")
        .choices(GRANTS)
        .argParser<Scopes | undefined>(severalScopes),
    )
    .option(
      "--allow-ip <range>",
      "CIDR range that it may call from, or none; several times",
      several,
    )
    .option(
      "--tag <tag>",
      "limit it to what carries this tag's id, or none; several times",
      several,
    )
    .option("--expires <when>", "in how long (90d), at which time, or none", nullOr(ahead));
}

export interface Limits {
  scope?: Scopes | undefined;
  allowIp?: string[] | undefined;
  tag?: string[] | undefined;
  expires?: Said<string> | undefined;
}

/** As the API has them; what is not given is left out. */
export function asLimits({ scope, allowIp, tag, expires }: Limits) {
  return {
    ...(scope && { scopes: scope }),
    ...(allowIp && { allowed_ips: isNone(allowIp) ? [] : allowIp }),
    ...(tag && { tags: isNone(tag) ? null : tag }),
    ...(expires && { expires_at: expires.value }),
  };
}

function isNone(values: readonly string[]): boolean {
  return values.length === 1 && values[0] === "none";
}

function severalScopes(text: string, before: Scopes = []): Scopes {
  const scope = GRANTS.find((each) => each === text);
  if (!scope) throw new InvalidArgumentError(`Allowed are ${GRANTS.join(", ")}.`);
  return [...before, scope];
}
