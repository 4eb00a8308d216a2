/** A line of the report: what was measured and the limit it is held to; without one it only informs. */
export interface Row {
  name: string;
  measured: string;
  limit?: string;
  pass?: boolean;
}

/** Begins a Markdown table. */
export function printHead(): void {
  console.log("| row | measured | limit | |\n| --- | --- | --- | --- |");
}

/** Goes on with it. */
export function printRows(rows: Row[]): void {
  for (const { name, measured, limit = "", pass } of rows)
    console.log(`| ${[name, measured, limit, verdict(pass)].join(" | ")} |`);
}

function verdict(pass: boolean | undefined): string {
  if (pass === undefined) return "";
  return pass ? "pass" : "FAIL";
}
