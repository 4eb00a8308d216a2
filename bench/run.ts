import { feed } from "./feed/feed";
import { getSim } from "./get-sim";
import { guesses } from "./guesses/guesses";
import { counted } from "./pipeline/counted";
import { deliveredPerSecond } from "./pipeline/delivered-per-second";
import { hanging, hangingInSlowLane, slowlyAccepting } from "./pipeline/hanging";
import { memory } from "./pipeline/memory";
import { rowsRead } from "./pipeline/rows-read";
import { storedPerSecond } from "./pipeline/stored-per-second";
import { scale } from "./scale/scale";
import { startUp } from "./start-up";
import { storedBytes } from "./stored/stored-bytes";
import { printTable, type Row } from "./table";

/** Every benchmark, in the order of the table. */
const BENCHES: Record<string, () => Promise<Row[]>> = {
  "get-sim": getSim,
  counted,
  "stored-per-second": storedPerSecond,
  "delivered-per-second": deliveredPerSecond,
  hanging,
  "slowly-accepting": slowlyAccepting,
  "hanging-in-slow-lane": hangingInSlowLane,
  memory,
  "rows-read": rowsRead,
  feed,
  guesses,
  "stored-bytes": storedBytes,
  scale,
  "start-up": startUp,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0)
  throw new Error(
    `no benchmark ${unknown.join(", ")}; there are ${Object.keys(BENCHES).join(", ")}`,
  );

const rows: Row[] = [];
for (const [name, bench] of Object.entries(BENCHES))
  if (wanted.length === 0 || wanted.includes(name)) rows.push(...(await bench()));
printTable(rows);
if (rows.some(({ pass }) => pass === false)) process.exitCode = 1;
