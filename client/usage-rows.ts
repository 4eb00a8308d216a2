import type { components } from "./schema";

type Schemas = components["schemas"];
type Group = Schemas["UsageGroup"];

/** A row of `GET /usage` by its `group`; without one, a record. */
type RowOf<By> = By extends "hours" | "days" | "months"
  ? Extract<Group, { time: string }>
  : By extends "sim"
    ? Extract<Group, { sim_id: string }>
    : By extends "network"
      ? Extract<Group, { network: unknown }>
      : By extends "country"
        ? Exclude<Group, { time: string } | { sim_id: string } | { network: unknown }>
        : Schemas["FleetUsageRecord"];

type Fleet<By> = Omit<Schemas["FleetUsage"], "usage"> & { usage: RowOf<By>[] };

/** With one of these it is the classic call. */
type ClassicKey = "sim_id" | "time_begin" | "time_end";
type Classic = { [K in ClassicKey]: Record<K, string> }[ClassicKey];

type Asked<Query> = Query extends Classic
  ? Schemas["ClassicUsage"]
  : [Extract<keyof Query, ClassicKey>] extends [never]
    ? Fleet<"group" extends keyof Query ? Query["group"] : undefined>
    : Schemas["ClassicUsage"] | Fleet<"group" extends keyof Query ? Query["group"] : undefined>;

/** What `GET /usage` answers to a call: one kind of rows, where the call says which. */
export type UsageAnsweredTo<Init> = Init extends { params: { query: infer Query } }
  ? Asked<Query>
  : Fleet<undefined>;
