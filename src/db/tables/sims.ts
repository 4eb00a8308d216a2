import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { Network } from "../../events/details";
import type { LocatedAt, StoredDataLimit, Technologies } from "./types";

/** What the operator issued: the card and the account that may create its SIM. */
export const simCards = sqliteTable(
  "sim_cards",
  {
    id: text().primaryKey(),
    accountId: text("account_id").notNull(),
    iccid: text(),
    imsi: text(),
    msisdn: text(),
    ipv4: text(),
    eid: text(),
    issuedAt: integer("issued_at").notNull(),
  },
  (table) => [
    uniqueIndex("sim_cards_by_iccid").on(table.iccid),
    uniqueIndex("sim_cards_by_imsi").on(table.imsi),
  ],
);

export const sims = sqliteTable(
  "sims",
  {
    id: text().primaryKey(),
    accountId: text("account_id").notNull(),
    alias: text(),
    /** To sort by: '' where there is no alias. */
    aliasSort: text("alias_sort").generatedAlwaysAs(sql`coalesce(alias, '')`, { mode: "virtual" }),
    active: integer({ mode: "boolean" }).notNull(),
    /** Grows with each change that a caller makes, not with what its events tell. */
    version: integer().notNull().default(0),
    connectorId: text("connector_id"),
    createdAt: integer("created_at").notNull(),
    /** `created_at` of a SIM that the account had before and deleted, else 0: a narrowed key sees what it did since then. A trigger sets it. */
    visibleFrom: integer("visible_from").notNull().default(0),
    /**
     * Events of before (ms) may be repeats of what a former holder has, and are compared with that first; 0: no other
     * account has anything of the SIM. A trigger sets it, to a day after the SIM was made: clocks differ.
     */
    formerUntil: integer("former_until").notNull().default(0),
    /** The card's numbers, as far as it was issued with them; an ICCID is made of the id otherwise. */
    iccid: text(),
    imsi: text(),
    msisdn: text(),
    ipv4: text(),
    eid: text(),
    networkList: text("network_list"),
    imeiLock: text("imei_lock"),
    /** Ids of tags; a trigger keeps `sim_tags` the same. */
    tags: text({ mode: "json" }).$type<string[]>().notNull().default([]),
    dataLimit: text("data_limit", { mode: "json" }).$type<StoredDataLimit>(),
    technologies: text({ mode: "json" }).$type<Technologies>(),
    /** What its events last said of it; written only when that changes, or its usage has grown by a tenth. */
    online: integer({ mode: "boolean" }).notNull().default(false),
    onlineAt: integer("online_at"),
    /** 0: never. */
    lastCameOnlineAt: integer("last_came_online_at").notNull().default(0),
    imei: text(),
    /** IMEI and IMEISV of a device have their first 14 digits in common. */
    device: text().generatedAlwaysAs(sql`substr(imei, 1, 14)`, { mode: "virtual" }),
    /** Data sessions that go on: when each was last told of (ms), within half a day. */
    sessions: text({ mode: "json" }).$type<Record<string, number>>().notNull().default({}),
    countryCode: text("country_code"),
    network: text({ mode: "json" }).$type<Partial<Network>>(),
    location: text({ mode: "json" }).$type<LocatedAt>(),
    /** Time of the newest event that changed the above. */
    seenAt: integer("seen_at").notNull().default(0),
    /** The month (since 1970) and its bytes to sort by: within a tenth of what `usage_days` says. */
    usageMonth: integer("usage_month").notNull().default(0),
    usageSorted: integer("usage_sorted").notNull().default(0),
  },
  (table) => [
    uniqueIndex("sims_by_alias").on(table.accountId, table.alias),
    // Each of the following is a filter or a sort of `GET /sims`; src/sims/list.ts names them.
    index("sims_by_id").on(table.accountId, table.id),
    index("sims_by_label").on(table.accountId, table.aliasSort, table.id),
    index("sims_by_usage").on(table.accountId, table.usageMonth, table.usageSorted, table.id),
    index("sims_by_came_online").on(table.accountId, table.lastCameOnlineAt, table.id),
    index("sims_by_online").on(table.accountId, table.online, table.id),
    index("sims_by_active").on(table.accountId, table.active, table.id),
    // Those of a connector or a network list also answer whether one that is to be deleted is in use.
    index("sims_of_connector")
      .on(table.accountId, table.connectorId, table.id)
      .where(sql`connector_id IS NOT NULL`),
    index("sims_of_network_list")
      .on(table.accountId, table.networkList, table.id)
      .where(sql`network_list IS NOT NULL`),
    index("sims_in_country")
      .on(table.accountId, table.countryCode, table.id)
      .where(sql`country_code IS NOT NULL`),
    index("sims_in_device")
      .on(table.accountId, table.device, table.id)
      .where(sql`device IS NOT NULL`),
    // `{sim_id}` in a path may be an ICCID.
    index("sims_by_iccid").on(table.accountId, table.iccid),
    // The sums that a narrowed key is told go by it.
    index("sims_made_again")
      .on(table.accountId, table.visibleFrom, table.id)
      .where(sql`visible_from > 0`),
  ],
);

/** Accounts that had a SIM, gave it up and have something stored of it. A trigger keeps them. */
export const formerHolders = sqliteTable(
  "former_holders",
  { simId: text("sim_id").notNull(), accountId: text("account_id").notNull() },
  (table) => [primaryKey({ columns: [table.simId, table.accountId] })],
);

/** Which SIMs carry a tag: `sims.tags` turned around by triggers. */
export const simTags = sqliteTable(
  "sim_tags",
  {
    accountId: text("account_id").notNull(),
    tagId: text("tag_id").notNull(),
    simId: text("sim_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.tagId, table.simId] })],
);

export const tags = sqliteTable(
  "tags",
  {
    id: text().primaryKey(),
    accountId: text("account_id").notNull(),
    name: text().notNull(),
    color: text(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [uniqueIndex("tags_by_name").on(table.accountId, table.name)],
);

/** Networks that SIMs may register with. `mnc` null: every network of the MCC. */
export const networkLists = sqliteTable(
  "network_lists",
  {
    accountId: text("account_id").notNull(),
    name: text().notNull(),
    networks: text({ mode: "json" }).$type<{ mcc: string; mnc: string | null }[]>().notNull(),
    tags: text({ mode: "json" }).$type<string[]>().notNull().default([]),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.name] })],
);
