import type { components } from "../../client";
import { guarded, unguarded } from "./formula";

export type Sim = components["schemas"]["FleetSim"];

/** What `PATCH /sims/bulk` takes of a SIM. */
export type Change = components["schemas"]["SimPatch"] & { id: string };

/** Tags by name and by id, both to the id. */
export type TagIds = ReadonlyMap<string, string>;

interface CsvColumn {
  write: (sim: Sim) => string;
  /** What a cell says; throws the error's code. A column without is only read, and passed over. */
  read?: (cell: string, tags: TagIds) => Partial<Change>;
}

/** Ends a line of the file with a code, as the API's. */
export class LineError extends Error {
  override name = "LineError";
}

/** The columns of the file, in the order that they are written in. An empty cell takes the value away where there may be none. */
export const COLUMNS: Record<string, CsvColumn> = {
  /** Or its ICCID. */
  id: { write: ({ id }) => id, read: (cell) => ({ id: cell.trim() }) },
  iccid: { write: ({ iccid }) => iccid ?? "" },
  imsi: { write: ({ imsi }) => imsi ?? "" },
  msisdn: { write: ({ msisdn }) => msisdn ?? "" },
  eid: { write: ({ eid }) => eid ?? "" },
  label: {
    write: ({ label }) => guarded(label ?? ""),
    read: (cell) => ({ label: orNull(unguarded(cell)) }),
  },
  active: {
    write: ({ activated }) => String(activated),
    read: (cell) => (cell.trim() === "" ? {} : { activated: flag(cell) }),
  },
  connector: {
    write: ({ connector }) => guarded(connector ?? ""),
    read: (cell) => ({ connector: orNull(unguarded(cell)) }),
  },
  network_whitelist: {
    write: ({ network_whitelist: list }) => guarded(list ?? ""),
    read: (cell) => ({ network_whitelist: orNull(unguarded(cell)) }),
  },
  imei_lock: {
    write: ({ imei_lock }) => imei_lock ?? "",
    read: (cell) => ({ imei_lock: orNull(cell.trim()) }),
  },
  data_limit: {
    write: ({ data_limit }) => String(data_limit.total),
    read: (cell) => (cell.trim() === "" ? {} : { data_limit: { total: wholeIn(cell) } }),
  },
  alert_threshold: {
    write: ({ data_limit }) => String(data_limit.alert_threshold ?? ""),
    read: (cell) => ({
      data_limit: { alert_threshold: cell.trim() === "" ? null : wholeIn(cell) },
    }),
  },
  tags: {
    write: ({ tags }) => guarded(tags.map(tagCell).join(SEPARATOR)),
    read: (cell, tags) => ({ tags: tagsIn(unguarded(cell), tags) }),
  },
};

/** Other names of columns. */
export const ALIASES: Record<string, string> = { alias: "label", activated: "active" };

const SEPARATOR = ";";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The name, unless it would be read as two, as another or as an id. */
function tagCell({ name, id }: { name: string; id: string }): string {
  return name.includes(SEPARATOR) || name.trim() !== name || UUID.test(name) ? id : name;
}

function tagsIn(cell: string, known: TagIds): string[] {
  const names = cell.split(SEPARATOR).map((name) => name.trim());
  return names.filter(Boolean).map((name) => {
    const id = known.get(name) ?? (UUID.test(name) ? name : undefined);
    if (id === undefined) throw new LineError("tag_not_found");
    return id;
  });
}

function orNull(cell: string): string | null {
  return cell === "" ? null : cell;
}

function flag(cell: string): boolean {
  const value = cell.trim().toLowerCase();
  if (value !== "true" && value !== "false") throw new LineError("active_invalid");
  return value === "true";
}

function wholeIn(cell: string): number {
  if (!/^\s*\d{1,15}\s*$/.test(cell)) throw new LineError("data_limit_invalid");
  return Number(cell);
}

/** What else the API tells of a SIM: a column of it is passed over. */
export const READ_ONLY = new Set(["ipv4", "imei", "online", "online_at", "last_seen_at", "usage"]);
