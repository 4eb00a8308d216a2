import { getSim } from "./get-sim";
import { printTable, type Row } from "./table";

/** Every benchmark, in the order of the table. */
const BENCHES: (() => Promise<Row[]>)[] = [getSim];

const rows: Row[] = [];
for (const bench of BENCHES) rows.push(...(await bench()));
printTable(rows);
if (rows.some(({ pass }) => pass === false)) process.exitCode = 1;
