import { feed } from "./feed/feed";
import { getSim } from "./get-sim";
import { guesses } from "./guesses/guesses";
import { counted } from "./pipeline/counted";
import { deliveredPerSecond } from "./pipeline/delivered-per-second";
import { hanging, hangingInSlowLane, replaying, slowlyAccepting } from "./pipeline/beside";
import { memory } from "./pipeline/memory";
import { rowsRead } from "./pipeline/rows-read";
import { storedPerSecond } from "./pipeline/stored-per-second";
import { scale } from "./scale/scale";
import { startUp } from "./start-up";
import { storedBytes } from "./stored/stored-bytes";
import { printHead, printRows, type Row } from "./table";

/** Every benchmark, in the order of the table. */
const BENCHES: Record<string, () => Promise<Row[]>> = {
  "get-sim": getSim,
  counted,
  "stored-per-second": storedPerSecond,
  "delivered-per-second": deliveredPerSecond,
  hanging,
  "slowly-accepting": slowlyAccepting,
  "hanging-in-slow-lane": hangingInSlowLane,
  replaying,
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

printHead();
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const rows = await bench();
  // Each as it comes, so that one that breaks off leaves those before it.
  printRows(rows);
  if (rows.some(({ pass }) => pass === false)) process.exitCode = 1;
}
