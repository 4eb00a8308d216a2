import type { Row } from "../table";
import { ask, send } from "./ask";

/** Rows that changes of one SIM write, with what the indexes of `GET /sims` and the pieces of `find` add to each. */
export async function writes(world: { origin: URL; key: string }): Promise<Row[]> {
  const sim_id = "900000001";
  const event = (changes: object) => ({
    time: new Date().toISOString(),
    sim_id,
    country_code: "dk",
    ...changes,
  });
  const usage = (bill_id: string, changes: object = {}) =>
    event({
      type: "usage",
      bill_id,
      operation: "update",
      upload: 1_000_000,
      download: 0,
      ...changes,
    });
  const store = (one: object) => send(world.origin, { store: [one] });
  const registration = { type: "network-registration", imei: "350000000000001" };
  return [
    row("a SIM made", (await ask(world, "POST", "/sim", { id: sim_id, alias: "x" })).written),
    row("its label changed", (await patch(world, sim_id, { label: "y" })).written),
    row(
      "its connector or network list changed",
      (await patch(world, sim_id, { connector: null })).written,
    ),
    row(
      "a registration that brings it online in a country and a device",
      (await store(event(registration))).written,
    ),
    row("its first usage of a month", (await store(usage("1"))).written),
    row("a usage event by which the month's grows by a tenth", (await store(usage("2"))).written),
    row("any other usage event", (await store(usage("3", { upload: 1 }))).written),
    row("a session's end", (await store(usage("4", { upload: 1, operation: "finalize" }))).written),
    row("it deleted", (await ask(world, "DELETE", `/sim?id=${sim_id}`)).written),
  ];
}

function patch(world: { origin: URL; key: string }, id: string, change: object) {
  return ask(world, "PATCH", `/sims/${id}`, change);
}

function row(what: string, written: number): Row {
  return { name: `D1 rows written: ${what}`, measured: String(written) };
}
