/** A line of the report: what was measured and the limit it is held to; without one it only informs. */
export interface Row {
  name: string;
  measured: string;
  limit?: string;
  pass?: boolean;
}

/** Prints the rows as a Markdown table. */
export function printTable(rows: Row[]): void {
  const lines = rows.map((row) => [row.name, row.measured, row.limit ?? "", verdict(row.pass)]);
  console.log("| row | measured | limit | |\n| --- | --- | --- | --- |");
  for (const cells of lines) console.log(`| ${cells.join(" | ")} |`);
}

function verdict(pass: boolean | undefined): string {
  if (pass === undefined) return "";
  return pass ? "pass" : "FAIL";
}
