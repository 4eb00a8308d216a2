import { type components, type Simplane, SimplaneError } from "../../client";
import { batches } from "../batches";
import type { Change } from "./columns";
import type { Line } from "./read-file";

type Result = components["schemas"]["ChangeResults"]["results"][number];

/** What became of a line. */
export interface Outcome {
  line: number;
  id: string | null;
  result: "made" | "set" | "failed";
  error?: string;
}

interface Ask {
  line: number;
  change: Change;
}

interface How {
  dryRun?: boolean;
  /** Told now and then how many SIMs of a call are made: each takes a while. */
  onMade?: (count: number) => void;
}

/** Of what a call takes: 1,000 changes and 256 KB. */
const LIMITS = { count: 1_000, characters: 60_000 };
/** SIMs that are made side by side: each is a call. */
const SIDE_BY_SIDE = 5;
const MADE_WITH = new Set(["id", "label", "activated", "connector"]);

/**
 * Sets each SIM of the file as its line says, and makes those that are not there. Sending the same file again ends with the same
 * SIMs, wherever it stopped before. A dry run changes nothing.
 */
export async function* importSims(
  api: Simplane,
  lines: AsyncIterable<Line>,
  { dryRun = false, onMade = () => {} }: How = {},
): AsyncGenerator<Outcome> {
  const known = new Set<string>();
  for await (const batch of batches(lines, lengthOf, LIMITS)) {
    const asks: Ask[] = [];
    const outcomes: Outcome[] = [];
    for (const given of batch) {
      const { line, id } = given;
      if ("error" in given) outcomes.push({ line, id, result: "failed", error: given.error });
      else if (known.has(given.change.id))
        outcomes.push({ line, id, result: "failed", error: "id_repeated" });
      else {
        known.add(given.change.id);
        asks.push({ line, change: given.change });
      }
    }
    for await (const each of setOrMake(api, asks, { dryRun, onMade })) outcomes.push(each);
    yield* outcomes.toSorted((a, b) => a.line - b.line);
  }
}

async function* setOrMake(
  api: Simplane,
  asks: Ask[],
  { dryRun, onMade }: Required<How>,
): AsyncGenerator<Outcome> {
  const missing: Ask[] = [];
  for (const { ask, error } of await set(api, asks, dryRun)) {
    if (error === "sim_not_found" && /^\d{9}$/.test(ask.change.id)) missing.push(ask);
    else yield outcome(ask, "set", error);
  }
  if (dryRun) yield* missing.map((ask) => outcome(ask, "made"));
  else yield* make(api, missing, onMade);
}

/** Makes SIMs, and sets what can be set only of one that is there. */
async function* make(api: Simplane, asks: Ask[], onMade: How["onMade"]): AsyncGenerator<Outcome> {
  const made: Ask[] = [];
  for (let at = 0; at < asks.length; at += SIDE_BY_SIDE) {
    const some = asks.slice(at, at + SIDE_BY_SIDE);
    const errors = await Promise.all(some.map(({ change }) => create(api, change)));
    for (const [index, ask] of some.entries())
      if (errors[index] === undefined) made.push(ask);
      else yield outcome(ask, "made", errors[index]);
    onMade?.(made.length);
  }
  for (const ask of made) if (!hasMore(ask.change)) yield outcome(ask, "made");
  const unfinished = made.filter(({ change }) => hasMore(change));
  for (const { ask, error } of await set(api, unfinished, false)) yield outcome(ask, "made", error);
}

/** Whether something is to be set that a SIM is not made with. */
function hasMore(change: Change): boolean {
  return Object.keys(change).some((field) => !MADE_WITH.has(field));
}

/** Why a SIM could not be made; undefined where it was. */
async function create(api: Simplane, change: Change): Promise<string | undefined> {
  const { id, label: alias = null, activated: active = true, connector = null } = change;
  try {
    await api.POST("/sim", { body: { id, alias, active, connector } });
    return undefined;
  } catch (error) {
    if (error instanceof SimplaneError && isOfTheLine(error)) return error.code;
    throw error;
  }
}

/** Whether it says something of this SIM, and not of the key or the server: the next one may fare better. */
function isOfTheLine({ status, code }: SimplaneError): boolean {
  return [400, 404, 409].includes(status) || code === "id_forbidden";
}

async function set(api: Simplane, asks: Ask[], dryRun: boolean) {
  if (asks.length === 0) return [];
  const query = dryRun ? ({ dry_run: "true" } as const) : {};
  const body = asks.map(({ change }) => change);
  const { data } = await api.PATCH("/sims/bulk", { params: { query }, body });
  return data.results.flatMap((result: Result) => {
    const ask = asks[result.index];
    return ask ? [{ ask, error: "error" in result ? result.error : undefined }] : [];
  });
}

function outcome(ask: Ask, result: "made" | "set", error?: string): Outcome {
  const { line, change } = ask;
  return { line, id: change.id, ...(error ? { result: "failed", error } : { result }) };
}

function lengthOf(line: Line): number {
  return "change" in line ? JSON.stringify(line.change).length : 0;
}

/** How many lines were what. */
export class Tally {
  made = 0;
  set = 0;
  failed = 0;

  add({ result }: Outcome): void {
    this[result] += 1;
  }

  get lines(): number {
    return this.made + this.set + this.failed;
  }
}
