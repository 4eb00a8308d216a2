import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS } from "../../src/platform/errors";
import { type AccountLimit, LIMITS } from "../../src/platform/limits";
import { ROOT } from "../start/wrangler";

/** The page that shows what an account may store. */
export const LIMITS_FILE = join(ROOT, "docs/limits.md");
const BEGIN = "<!-- limits of an account: `npm run generate` writes this table -->";
const END = "<!-- end of the limits -->";

/** The page as it is, and as it must be: with the table that the code gives. Throws where the page has no place for it. */
export function limitsPage(): { is: string; mustBe: string } {
  const is = readFileSync(LIMITS_FILE, "utf8");
  const [begin, end] = [is.indexOf(BEGIN), is.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${LIMITS_FILE} has no place for the limits`);
  const mustBe = `${is.slice(0, begin + BEGIN.length)}\n\n${limitsTable()}\n\n${is.slice(end)}`;
  return { is, mustBe };
}

function limitsTable(): string {
  const rows = Object.values<AccountLimit>(LIMITS).map(
    (limit) => `| ${limit.what} | ${mostOf(limit)} | ${pastIt(limit)} |`,
  );
  return ["| an account's | at most | past it |", "| --- | --- | --- |", ...rows].join("\n");
}

function mostOf({ most, unit, per }: AccountLimit): string {
  const amount = unit === "bytes" && most >= 1_000_000 ? `${most / 1_000_000} MB` : grouped(most);
  return per ? `${amount} ${per === "day" ? "a day" : "an hour"}` : amount;
}

function pastIt({ code, note }: AccountLimit): string {
  const refusal = code === null ? [] : [`\`${code}\` (${statusOf(code)})${note ? "." : ""}`];
  return [...refusal, ...(note ? [note] : [])].join(" ");
}

function statusOf(code: string): number {
  const found = Object.entries(ERRORS).find(([name]) => name === code);
  if (!found) throw new Error(`a limit has the code ${code}, which is no error code`);
  return found[1][0];
}

function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
