import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { FleetRow } from "../row";
import type { FleetSim } from "../responses";

const FIELDS = ["id", "label", "usage", "last_came_online_at"] as const;

/** What `GET /sims` sorts by: a field, `-` before it for descending. */
export const Sort = z
  .enum([...FIELDS, ...FIELDS.map((field) => `-${field}` as const)])
  .default("id");
export type Sort = z.output<typeof Sort>;

/** Where a page ended: the values of the sort's columns in its last row. */
export const Position = z.array(z.union([z.string(), z.number()])).max(3);
export type Position = z.output<typeof Position>;

type Column = "id" | "alias_sort" | "usage_month" | "usage_sorted" | "last_came_online_at";

const TYPES: Record<Column, "string" | "number"> = {
  id: "string",
  alias_sort: "string",
  usage_month: "number",
  usage_sorted: "number",
  last_came_online_at: "number",
};

/** Each field's index, and the columns behind the account in it. */
const ORDERS: Record<(typeof FIELDS)[number], { index: string; columns: Column[] }> = {
  id: { index: "sims_by_id", columns: ["id"] },
  label: { index: "sims_by_label", columns: ["alias_sort", "id"] },
  // A SIM with none this month has an earlier one, and so stands before those with some.
  usage: { index: "sims_by_usage", columns: ["usage_month", "usage_sorted", "id"] },
  last_came_online_at: { index: "sims_by_came_online", columns: ["last_came_online_at", "id"] },
};

/** A sort in SQL. */
export interface Order {
  index: string;
  /** ORDER BY; `id` is the column that the SIM's id is read from. */
  by: (id?: string) => SQL;
  /** A condition: what comes after a position. */
  after: (position: Position | undefined, id?: string) => SQL;
  positionOf: (row: FleetRow) => Position;
  isPosition: (given: Position) => boolean;
  /** Sorts a page's SIMs exactly: the index of usage is within a tenth. */
  sortPage: (sims: FleetSim[]) => FleetSim[];
}

/** How to read SIMs in an order. */
export function orderOf(sort: Sort): Order {
  const down = sort.startsWith("-");
  const field = FIELDS.find((name) => sort.endsWith(name)) ?? "id";
  const { index, columns } = ORDERS[field];
  const names = (id = "sims.id") =>
    columns.map((column) => (column === "id" ? id : `sims.${column}`));
  return {
    index,
    by: (id) =>
      sql.raw(
        names(id)
          .map((name) => (down ? `${name} DESC` : name))
          .join(", "),
      ),
    after: (position, id) => {
      if (!position) return sql`true`;
      const values = position.map((value) => sql`${value}`);
      const side = sql.raw(`(${names(id).join(", ")}) ${down ? "<" : ">"}`);
      return sql`${side} (${sql.join(values, sql`, `)})`;
    },
    positionOf: (row) => columns.map((column) => row[column]),
    isPosition: (given) =>
      given.length === columns.length &&
      columns.every((column, place) => typeof given[place] === TYPES[column]),
    sortPage: (sims) =>
      field === "usage"
        ? sims.toSorted((a, b) => (down ? b.usage - a.usage : a.usage - b.usage))
        : sims,
  };
}
