import type { components } from "../client";
import type { Bar } from "./output/bars";

type Group = components["schemas"]["UsageGroup"];

const DAY_MS = 86_400_000;

/** A page may hold records as well, by its type; those have no count. */
export function isGrouped(row: object): row is Group {
  return "records" in row;
}

/** What a group is named by; times no finer than the group. */
export function labelOf(row: Group, group: string): string {
  if ("time" in row) return row.time.slice(0, group === "hours" ? 16 : group === "months" ? 7 : 10);
  if ("sim_id" in row) return row.sim_id;
  const country = row.country_code ?? "none";
  if (!("network" in row)) return country;
  const { mcc, mnc } = row.network;
  return `${country} ${mcc === null ? "?" : `${mcc}-${mnc}`}`;
}

/** The days of a month or day, up to today, each with a bar; of a year only those that have one. */
export function withEmptyDays(rows: readonly Bar[], period: string, today: Date): Bar[] {
  if (!/^\d{4}-\d{2}$/.test(period)) return [...rows];
  const known = new Map(rows.map((row) => [row.label, row]));
  const days: Bar[] = [];
  const first = Date.parse(`${period}-01T00:00:00Z`);
  for (let time = first; time <= today.getTime(); time += DAY_MS) {
    const label = new Date(time).toISOString().slice(0, 10);
    if (!label.startsWith(period)) break;
    days.push(known.get(label) ?? { label, bytes: 0 });
    known.delete(label);
  }
  // A core network's clock may be ahead of this one.
  return [...days, ...known.values()];
}
