import * as z from "zod";
import { median } from "../alternate";
import { migrate, simId } from "../fleet";
import { benchWorker, OPERATOR_KEY, startRuntime } from "../runtime";
import type { Row } from "../table";
import { ask } from "./ask";
import { fill } from "./fill";
import { writes } from "./writes";

/** In each, one SIM in so many has 2,000 records and the others 3: five records a SIM. */
const FLEETS = [
  { name: "small", sims: 10_000, busyOneIn: 1000 },
  { name: "large", sims: 1_000_000, busyOneIn: 1000 },
];
const ROUNDS = 15;
const MOST_TIMES = 2;

const FILTERS = [
  "online:true",
  "activated:false",
  "connector:connector-9",
  "network_whitelist:list-4",
  "tag:tag 7",
  "imei:350000000002500",
  "country_code:bb",
];
const SORTS = ["id", "-id", "label", "-label", "usage", "-usage", "last_came_online_at"];
const DAY = "time:2026-03-10";

const CALLS: [name: string, path: string][] = [
  ["GET /sims", "/sims?limit=100"],
  ...[...SORTS, "-last_came_online_at"].map((sort): [string, string] => [
    `... sort=${sort}`,
    `/sims?limit=100&sort=${sort}`,
  ]),
  ...FILTERS.map((filter): [string, string] => [
    `... filter=${filter}`,
    `/sims?limit=100&filter=${encodeURIComponent(filter)}`,
  ]),
  ["GET /sims/find, 4 digits", "/sims/find?search=0042"],
  ["... 4 letters and digits of a label", "/sims/find?search=e%2099"],
  ["... a whole ICCID", "/sims/find?search=89457300000000050000"],
  ["... a whole IMEI", "/sims/find?search=350000000002500"],
  ["GET /sims/{id}", "/sims/000005000"],
  ["a SIM's month", "/usage/000005000?filter=time:2026-03"],
  ["an account's day", `/usage?filter=${DAY}`],
  ["an account's day by the hour", `/usage?filter=${DAY}&group=hours`],
];

/** No index has both: a bounded part of the fleet is looked through. */
const FILTERED_SORTS = [
  "filter=online:true&sort=-usage",
  "filter=activated:false&sort=label",
  "filter=tag:tag%207&sort=-usage",
  "filter=imei:350000000002500&sort=-usage",
  "filter=country_code:bb&sort=-last_came_online_at",
];

/** Calls of the fleet API on an account with a million SIMs and five million records, against one of a hundredth. */
export async function scale(): Promise<Row[]> {
  const workers = await Promise.all(
    FLEETS.map(({ name }) => benchWorker(name, "bench/scale/worker.ts")),
  );
  const { miniflare, originOf } = await startRuntime(workers);
  try {
    const worlds: { origin: URL; key: string }[] = [];
    for (const fleet of FLEETS) {
      await migrate(miniflare, fleet.name);
      const origin = await originOf(fleet.name);
      const { accountId, key } = await givenAccount(origin);
      await fill(miniflare, fleet.name, accountId, fleet);
      worlds.push({ origin, key });
    }
    const [small, large] = worlds;
    if (!small || !large) throw new Error("no worlds");
    const rows: Row[] = [];
    for (const [name, path] of CALLS) rows.push(await compare(name, path, small, large));
    for (const query of FILTERED_SORTS) {
      const {
        limit: _,
        pass: __,
        ...row
      } = await compare(`... ${query}`, `/sims?limit=100&${query}`, small, large);
      rows.push(row);
    }
    return [...rows, await changes(small, large), ...(await writes(small))];
  } finally {
    await miniflare.dispose();
  }
}

interface World {
  origin: URL;
  key: string;
}

/** A hundred SIMs changed: rows read must not grow with the fleet. */
async function changes(small: World, large: World): Promise<Row> {
  const body = Array.from({ length: 100 }, (_, n) => ({ id: simId(n + 1), activated: n % 2 > 0 }));
  const [ours, theirs] = [
    await ask(small, "PATCH", "/sims/bulk", body),
    await ask(large, "PATCH", "/sims/bulk", body),
  ];
  return {
    name: "PATCH /sims/bulk, 100 changes: rows read",
    measured: `${theirs.read} in the large fleet, ${ours.read} in the small one`,
    limit: "equal",
    pass: theirs.read === ours.read,
  };
}

async function compare(name: string, path: string, small: World, large: World): Promise<Row> {
  const times: { small: number[]; large: number[] } = { small: [], large: [] };
  let seen = await ask(large, "GET", path);
  for (let round = 0; round < ROUNDS; round += 1) {
    times.small.push((await ask(small, "GET", path)).ms);
    seen = await ask(large, "GET", path);
    times.large.push(seen.ms);
  }
  const returned = countOf(seen.answer);
  const ratio = median(times.large) / median(times.small);
  const most = 4 * returned + 50;
  return {
    name,
    measured: `${seen.read} rows read for ${returned}; ${seen.roundTrips} round trip; time ${ratio.toFixed(2)} (${median(times.large).toFixed(1)} ms and ${median(times.small).toFixed(1)} ms)`,
    limit: `at most ${most} rows, time at most ${MOST_TIMES}`,
    pass: seen.read <= most && ratio <= MOST_TIMES && seen.roundTrips === 1 && returned > 0,
  };
}

const Lists = z.union([
  z.array(z.unknown()),
  z.object({ sims: z.array(z.unknown()) }).transform(({ sims }) => sims),
  z.object({ usage: z.array(z.unknown()) }).transform(({ usage }) => usage),
  z.object({ id: z.string() }).transform((one) => [one]),
]);

function countOf(answer: unknown): number {
  return Lists.parse(answer).length;
}

async function givenAccount(origin: URL): Promise<{ accountId: string; key: string }> {
  const operator = { origin, key: OPERATOR_KEY };
  const made = async (path: string) =>
    (await ask(operator, "POST", path, { name: "bench" })).answer;
  const { id } = z.object({ id: z.string() }).parse(await made("/operator/accounts"));
  const { key } = z.object({ key: z.string() }).parse(await made(`/operator/accounts/${id}/keys`));
  return { accountId: id, key };
}
