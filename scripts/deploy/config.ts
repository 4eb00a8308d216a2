import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import * as z from "zod";
import { ROOT } from "../start/wrangler";

/** The parts of wrangler's configuration that a deployment changes; the others pass through. */
const Config = z.looseObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, "1 to 41 of a-z, 0-9 and -"),
  vars: z.record(z.string(), z.unknown()).default({}),
  routes: z
    .array(
      z.union([
        z.string(),
        z.looseObject({ pattern: z.string(), custom_domain: z.boolean().optional() }),
      ]),
    )
    .default([]),
  d1_databases: z.tuple([
    z.looseObject({ database_name: z.string(), database_id: z.string().optional() }),
  ]),
  kv_namespaces: z.tuple([z.looseObject({ binding: z.string(), id: z.string().optional() })]),
  queues: z.looseObject({
    producers: z.array(z.looseObject({ queue: z.string() })),
    consumers: z.array(
      z.looseObject({ queue: z.string(), dead_letter_queue: z.string().optional() }),
    ),
  }),
});
export type Config = z.output<typeof Config>;

/**
 * `wrangler.toml` with the settings of this deployment laid over it: each key in place of its own, variables one by one.
 * Another name gives other names to the database and the queues, so that one account can hold several deployments.
 * Webhooks may not lead back to custom domains: they become `OWN_HOSTNAMES` unless that is set.
 */
export function readDeployConfig(settingsFile: string | undefined): Config {
  const base = rawOf(join(ROOT, "wrangler.toml"));
  const own = rawOf(settingsFile ?? join(ROOT, "deploy.toml"), settingsFile === undefined);
  const given = Config.parse(base);
  const config = Config.parse({ ...base, ...own, vars: { ...given.vars, ...varsOf(own) } });
  const renamed = (name: string) => name.replace(given.name, config.name);
  if (!("d1_databases" in own)) {
    const [database] = config.d1_databases;
    database.database_name = renamed(database.database_name);
  }
  if (!("queues" in own)) {
    for (const producer of config.queues.producers) producer.queue = renamed(producer.queue);
    for (const consumer of config.queues.consumers) {
      consumer.queue = renamed(consumer.queue);
      if (consumer.dead_letter_queue !== undefined)
        consumer.dead_letter_queue = renamed(consumer.dead_letter_queue);
    }
  }
  config.vars["OWN_HOSTNAMES"] ||= domainsOf(config).join(",");
  return config;
}

function domainsOf({ routes }: Config): string[] {
  return routes.flatMap((route) =>
    typeof route === "object" && route.custom_domain ? [route.pattern] : [],
  );
}

function rawOf(file: string, optional = false): Record<string, unknown> {
  if (optional && !existsSync(file)) return {};
  if (!existsSync(file)) throw new Error(`There is no ${file}.`);
  return parse(readFileSync(file, "utf8"));
}

function varsOf(own: Record<string, unknown>): Record<string, unknown> {
  const { vars } = own;
  return typeof vars === "object" && vars !== null ? { ...vars } : {};
}

/** Writes the configuration where wrangler finds the files that it names, and answers the file's name. */
export function writeConfig(config: Config): string {
  const file = `wrangler.${config.name}.json`;
  writeFileSync(join(ROOT, file), `${JSON.stringify(config, null, 2)}\n`);
  return file;
}
