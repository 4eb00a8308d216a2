import type { CommanderError } from "@commander-js/extra-typings";
import type { Colors } from "picocolors/types";
import { SimplaneError } from "../client";
import { ERROR_SENTENCES } from "../client/constants";
import { EXIT, type ExitCode } from "./exit-codes";
import { Failure } from "./failures";
import { networkCause } from "./network-cause";
import { jsonLine, printable } from "./output/printable";

/** What is told of a failure. */
export interface Explained {
  exitCode: ExitCode;
  error: string;
  message: string;
  /** Which value the API refused, what it expected. */
  detail?: string;
  status?: number;
  docs?: string | null;
  request_id?: string | null;
}

/** They say that the key may not do this, or is none. */
const OF_KEYS = new Set([
  "unauthorized",
  "address_forbidden",
  "scope_missing",
  "operator_only",
  "grant_forbidden",
  "tag_forbidden",
]);

/** A failure in a sentence, and what the program ends with. `url` is the server's. */
export function explain(error: unknown, url?: string): Explained {
  if (error instanceof SimplaneError) return refusal(error);
  if (error instanceof Failure)
    return { exitCode: error.exitCode, error: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const cause = networkCause(error);
  return cause === undefined
    ? { exitCode: EXIT.refused, error: "unexpected", message }
    : { exitCode: EXIT.unreachable, error: "unreachable", message: noServer(cause, url) };
}

/** Lines for a person, or one for a program. */
export function tell(explained: Explained, json: boolean, { red, dim }: Colors): string {
  const { exitCode: _, ...told } = explained;
  if (json) return `${jsonLine(told)}\n`;
  const { error, message, detail, docs, request_id } = told;
  const more = [detail, docs, request_id ? `request ${request_id}` : undefined].filter(Boolean);
  const lines = more.map((text) => dim(`  ${printable(text ?? "")}\n`)).join("");
  const code = told.status === undefined ? "" : ` ${dim(`(${printable(error)})`)}`;
  return `${red("simplane:")} ${printable(message)}${code}\n${lines}`;
}

/** Help that was asked for is no failure. */
export function exitCodeOf(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? EXIT.done : EXIT.usage;
}

/** What a code of the API means; undefined for one that is none. */
export function sentence(code: string): string | undefined {
  return isKnown(code) ? ERROR_SENTENCES[code] : undefined;
}

function refusal({ code, status, docs, requestId, detail: said }: SimplaneError): Explained {
  const exitCode = OF_KEYS.has(code) ? EXIT.key : EXIT.refused;
  const message = sentence(code) ?? "The answer is none of Simplane's: is the URL right?";
  // Where the API knows no more than the code's sentence, the sentence is said once.
  const detail = said !== null && said !== message ? { detail: said } : {};
  return { exitCode, error: code, message, ...detail, status, docs, request_id: requestId };
}

function isKnown(code: string): code is keyof typeof ERROR_SENTENCES {
  return Object.hasOwn(ERROR_SENTENCES, code);
}

function noServer(cause: string, url = "the URL"): string {
  return `No server answers at ${url} (${cause}). Does it run, and is SIMPLANE_URL (or --url) right?`;
}
