import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "smol-toml";
import * as z from "zod";
import { QUEUES } from "../src/pipeline/queues/names";
import { type Env, readConfig } from "../src/platform/env";
import { ROOT } from "./start/wrangler";

/** Fails when `Env`, the defaults of src/platform/env.ts or the names of the queues disagree with wrangler.toml, or the docs omit a setting. */

const named = z.array(z.looseObject({ binding: z.string() }));
const Toml = z.looseObject({
  name: z.string(),
  vars: z.record(z.string(), z.string()),
  d1_databases: named,
  kv_namespaces: named,
  ratelimits: z.array(z.looseObject({ name: z.string() })),
  queues: z.looseObject({
    producers: z.array(z.looseObject({ binding: z.string(), queue: z.string() })),
    consumers: z.array(z.looseObject({ queue: z.string() })),
  }),
});

/** Not in wrangler.toml: secrets, and a binding that only some plans have. */
const ELSEWHERE = {
  OPERATOR_KEY: "string",
  ENCRYPTION_KEY: "string",
  OPERATOR_KEY_SECOND: "string?",
  ENCRYPTION_KEY_SECOND: "string?",
  METRICS: "AnalyticsEngineDataset?",
};

const toml = Toml.parse(parse(readFileSync(join(ROOT, "wrangler.toml"), "utf8")));
const problems = [...byTypes(), ...byDefaults(), ...byQueues(), ...byDocs()];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function byTypes(): string[] {
  const bound = new Map<string, string>([
    ...toml.d1_databases.map(({ binding }) => [binding, "D1Database"] as const),
    ...toml.kv_namespaces.map(({ binding }) => [binding, "KVNamespace"] as const),
    ...toml.queues.producers.map(({ binding }) => [binding, "Queue"] as const),
    ...toml.ratelimits.map(({ name }) => [name, "RateLimit"] as const),
    ...Object.keys(toml.vars).map((name) => [name, "string"] as const),
    ...Object.entries(ELSEWHERE),
  ]);
  const declared = declaredEnv();
  const names = new Set([...bound.keys(), ...declared.keys()]);
  return [...names]
    .filter((name) => bound.get(name) !== declared.get(name))
    .map((name) => {
      const [is, mustBe] = [declared, bound].map((types) => types.get(name) ?? "absent");
      return `src/platform/env.ts: ${name} is ${is}, but ${mustBe} by wrangler.toml`;
    });
}

/** The members of the interface `Env` with their types; `?` follows the type of one that may be absent. */
function declaredEnv(): Map<string, string> {
  const source = readFileSync(join(ROOT, "src", "platform", "env.ts"), "utf8");
  const [, body = ""] = /^export interface Env \{\n(.*?)^\}/ms.exec(source) ?? [];
  const members = body.matchAll(/^  (\w+)(\??): (\w+);$/gm);
  return new Map([...members].map(([, name = "", optional, type]) => [name, `${type}${optional}`]));
}

function byDefaults(): string[] {
  const secrets = { OPERATOR_KEY: "x".repeat(32), ENCRYPTION_KEY: `${"A".repeat(43)}=` };
  const unset = configOf(secrets);
  const set = configOf({ ...secrets, ...toml.vars });
  return Object.keys(toml.vars)
    .filter((name) => !isDeepStrictEqual(unset.get(name), set.get(name)))
    .map((name) => `wrangler.toml: ${name} is not the default of src/platform/env.ts`);
}

function configOf(variables: Record<string, string>): Map<string, unknown> {
  return new Map(Object.entries(readConfig(asEnv(variables))));
}

/** The configuration is read from variables alone: the bindings are not looked at. */
function asEnv(variables: Record<string, string>): Env {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return variables as unknown as Env;
}

function byQueues(): string[] {
  const { producers, consumers } = toml.queues;
  const mustBe = QUEUES.map((queue) => `${toml.name}-${queue}`).toSorted();
  return Object.entries({ producers, consumers })
    .filter(([, list]) => {
      const is = list.map(({ queue }) => queue).toSorted();
      return !isDeepStrictEqual(is, mustBe);
    })
    .map(([kind]) => `wrangler.toml: the ${kind} of queues are not ${mustBe.join(", ")}`);
}

function byDocs(): string[] {
  const page = readFileSync(join(ROOT, "docs", "configuration.md"), "utf8");
  return [...Object.keys(toml.vars), ...Object.keys(ELSEWHERE)]
    .filter((name) => !page.includes(`\`${name}\``))
    .map((name) => `docs/configuration.md: ${name} is absent`);
}
