import { sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { networkOf } from "../../events/payload";
import type { Network } from "../../events/details";
import { SUM_OF_BYTES } from "../../db/sums";
import { visibleDays } from "../usage/visible-days";
import {
  DAY_MS,
  startOfMonth,
  startOfNextMonth,
  isoTime,
  isoTimeOrNull,
} from "../../platform/time";
import { bytesOf } from "../../platform/text";
import { TAG_OF_SIM } from "./patch/etag";
import type { LocatedAt, StoredDataLimit, Technologies } from "../../db/tables/types";
import type { Tag } from "../tags/responses";
import type { FleetSim } from "./responses";

/** 10 GB a month, as the fleet API's help says. */
export const DEFAULT_LIMIT: StoredDataLimit = { total: 10_000_000_000 };
export const ALL_TECHNOLOGIES: Technologies = { sms: true, "2g_3g": true, "4g": true };

/** With what stands for all of it that a caller can change. */
export interface TaggedSim {
  sim: FleetSim;
  etag: string;
}

/** What answers a SIM as a row has it. */
type AsStored =
  | "id"
  | "iccid"
  | "imsi"
  | "msisdn"
  | "label"
  | "network_whitelist"
  | "imei_lock"
  | "imei"
  | "connector"
  | "ipv4"
  | "eid";

/** What {@link fleetColumns} reads of a SIM: JSON as text. */
export interface FleetRow extends Pick<FleetSim, AsStored> {
  activated: number;
  online: number;
  online_at: number | null;
  last_came_online_at: number;
  seen_at: number;
  country_code: string | null;
  network: string | null;
  location: string | null;
  tags: string;
  data_limit: string | null;
  technologies: string | null;
  alias_sort: string;
  usage_month: number;
  usage_sorted: number;
  /** What its ETag is made of. */
  tag: string;
  /** What happened before is not the key's to see, ms. */
  visible_from: number;
  /** Of the newest day with usage that is not in a later month; null: none. */
  latest: string | null;
  /** This month's bytes since `visible_from`, where that lies in it; else null. */
  month_bytes_since: number | null;
}

/** The columns of `sims`, and its newest day of `usage_days`: a row or two read a SIM. */
export function fleetColumns(access: Access, now: number) {
  const [month, next] = [startOfMonth(now) / DAY_MS, startOfNextMonth(now) / DAY_MS];
  const days = visibleDays({ ...access, sim: sql`sims.id` }, month, next - 1);
  const since =
    access.tags === null
      ? sql`NULL`
      : sql`CASE WHEN sims.visible_from > ${startOfMonth(now)} THEN (SELECT ${SUM_OF_BYTES} FROM ${days}) END`;
  return sql`
    sims.id, sims.iccid, sims.imsi, sims.msisdn, sims.alias AS label, sims.network_list AS network_whitelist,
    sims.imei_lock, sims.imei, sims.connector_id AS connector, sims.active AS activated, sims.ipv4, sims.eid, sims.online,
    sims.online_at, sims.last_came_online_at, sims.seen_at, sims.country_code, sims.network, sims.location, sims.tags,
    sims.data_limit, sims.technologies, sims.alias_sort, sims.usage_month, sims.usage_sorted,
    ${TAG_OF_SIM} AS tag, (
      SELECT json_object('day', day, 'month_bytes', month_bytes, 'last_time', last_time) FROM usage_days
      WHERE usage_days.account_id = sims.account_id AND usage_days.sim_id = sims.id
        AND usage_days.day < ${next}
      ORDER BY usage_days.day DESC, usage_days.country_code DESC LIMIT 1
    ) AS latest, ${access.tags === null ? sql`0` : sql`sims.visible_from`} AS visible_from, ${since} AS month_bytes_since`;
}

interface Latest {
  day: number;
  month_bytes: number;
  last_time: number;
}

/** A row as the fleet API answers it; `tags` are the account's, by their ids. */
export function asFleetSim(
  row: FleetRow,
  tags: Readonly<Record<string, Tag>>,
  now: number,
): FleetSim {
  const newest = readJson<Latest>(row.latest);
  const latest = newest && newest.last_time >= row.visible_from ? newest : null;
  const monthBytes = latest && latest.day * DAY_MS >= startOfMonth(now) ? latest.month_bytes : 0;
  const usage = row.month_bytes_since ?? monthBytes;
  const network = readJson<Partial<Network>>(row.network) ?? undefined;
  const location = readJson<LocatedAt>(row.location);
  const { total, alert_threshold = null } =
    readJson<StoredDataLimit>(row.data_limit) ?? DEFAULT_LIMIT;
  return {
    id: row.id,
    iccid: row.iccid,
    imsi: row.imsi,
    msisdn: row.msisdn,
    eid: row.eid,
    label: row.label,
    network_whitelist: row.network_whitelist,
    imei_lock: row.imei_lock,
    imei: row.imei,
    connector: row.connector,
    activated: row.activated === 1,
    ipv4: row.ipv4,
    online: row.online === 1,
    online_at: isoTimeOrNull(row.online_at),
    last_came_online_at: neverOrTime(row.last_came_online_at),
    last_seen_at: neverOrTime(Math.max(row.seen_at, latest?.last_time ?? 0)),
    network: networkOf({ network, country_code: row.country_code }),
    usage,
    tags: (readJson<string[]>(row.tags) ?? []).flatMap((id) => tags[id] ?? []),
    data_limit: {
      used: usage,
      total,
      type: "monthly",
      period: new Date(now).toISOString().slice(0, 7).replace("-", ""),
      alert_threshold,
      resets_at: isoTime(startOfNextMonth(now)),
    },
    ...(location && { location: { ...location, time: isoTime(location.time) } }),
    technologies: readJson<Technologies>(row.technologies) ?? ALL_TECHNOLOGIES,
  };
}

/** Bytes of a SIM in an answer, its tags aside, at most. */
const SIM_BYTES = 2000;
const bytesOfTags = new WeakMap<Tag, number>();

/** Bytes that a SIM comes to in an answer, at most. Tags are most of it: each is written out in each SIM that carries it. */
export function bytesOfSim({ tags }: FleetSim): number {
  return tags.reduce((sum, tag) => sum + bytesOfTag(tag), SIM_BYTES);
}

function bytesOfTag(tag: Tag): number {
  const known = bytesOfTags.get(tag);
  if (known !== undefined) return known;
  const bytes = bytesOf(JSON.stringify(tag));
  bytesOfTags.set(tag, bytes);
  return bytes;
}

/** A column of JSON, which we wrote. */
function readJson<T>(text: string | null): T | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return text === null ? null : (JSON.parse(text) as T);
}

/** A time that is 0 as long as it never was. */
function neverOrTime(ms: number): string | null {
  return ms === 0 ? null : isoTime(ms);
}
