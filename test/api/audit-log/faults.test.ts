import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { loggedBy } from "../../support/audit";
import type { Answer } from "../../support/call";
import { callAs } from "../../support/protected-routes";
import { everythingStored, storedIn } from "../../support/stored";
import { throughD1 } from "../../support/through-d1";
import { givenWorld, type World, WRITES } from "./writes";

/** The statement (from 0) of a batch that D1 fails at; `late`: it does all, and its answer is lost. */
type Fault = number | "late";

/** Makes the change of a route, whose D1 fails so; answers how many statements each batch had. */
async function changeWith(fault: Fault, route: string, world: World) {
  const asked: number[] = [];
  const DB = throughD1(async ({ statements }, run) => {
    asked.push(statements.length);
    const broken = env.DB.prepare("SELECT json('{')");
    const results = await run(statements.map((one, n) => (n === fault ? broken : one)));
    if (fault === "late") throw new Error("D1_ERROR: the test says no");
    return results;
  });
  const [method = ""] = route.split(" ");
  const call = callAs(route.includes(" /operator/") ? "operator" : "customer", world.acme);
  const { path, body } = changeOf(route, world).done;
  const answer = await call(method, path, body, { env: { DB } });
  expect(answer).toAnswer(500, "internal_error");
  return asked;
}

function changeOf(route: string, world: World) {
  const write = WRITES[route];
  if (!write) throw new Error(`given: ${route}?`);
  return write(world);
}

/** As far as it does not matter which. */
const ANY: Answer = { status: 0, headers: new Headers(), text: "", json: { id: "any" } };

const ROUTES = Object.keys(WRITES).filter(
  (route) => !/replay|test$|operator\/(events|reseal)/.test(route),
);

it.each(ROUTES)(
  "%s leaves its change and its entries, or neither, wherever D1 fails",
  async (route) => {
    vi.spyOn(console, "error").mockReturnValue();
    const world = await givenWorld();
    const before = await everythingStored();
    const [statements = 0] = await changeWith(0, route, world);
    // Who acts, the change, what it answers, and that none acts any more.
    expect(statements).toBeGreaterThan(2);
    for (let at = 1; at < statements; at += 1) {
      expect(await changeWith(at, route, world)).toEqual([statements]);
      expect(await everythingStored()).toEqual(before);
    }
    const { entries } = await loggedBy(() => changeWith("late", route, world));
    const expected = changeOf(route, world).entries(ANY);
    expect(entries.map(({ action }) => action)).toEqual(expected.map(({ action }) => action));
    expect(await storedIn("audit_context")).toEqual([]);
  },
  30_000,
);
