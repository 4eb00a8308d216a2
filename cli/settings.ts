import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { EXIT } from "./exit-codes";
import { Failure } from "./failures";

const DEFAULT_URL = "http://localhost:8787";
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** The options that every command takes. */
export interface Given {
  url?: string | undefined;
  key?: string | undefined;
  operatorKey?: string | undefined;
}

/** Where the server is, and the keys to it. */
export interface Settings {
  url: string;
  /** Throws a sentence on how to give one when there is none. */
  key: () => string;
  operatorKey: () => string;
}

/** The options, else the environment, else, for a server on this machine, what `npm start` left in the folder. */
export function readSettings(given: Given, env: NodeJS.ProcessEnv, folder: string): Settings {
  const url = checkedUrl(given.url ?? (env["SIMPLANE_URL"] || DEFAULT_URL));
  const here = LOOPBACK.test(url.hostname);
  const left = (read: (folder: string) => string | undefined) => (here ? read(folder) : undefined);
  return {
    url: url.href.replace(/\/$/, ""),
    key: () =>
      checkedKey("SIMPLANE_KEY", "--key", given.key ?? (env["SIMPLANE_KEY"] || left(demoKey))),
    operatorKey: () =>
      checkedKey(
        "SIMPLANE_OPERATOR_KEY",
        "--operator-key",
        given.operatorKey ?? (env["SIMPLANE_OPERATOR_KEY"] || left(localOperatorKey)),
      ),
  };
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:")
    throw new Failure(`"${text}" is no URL of a server: https://simplane.example.com.`);
  if (url.username || url.password)
    throw new Failure("The URL holds a name or a password; the key goes into SIMPLANE_KEY.");
  // The key would travel in the clear before the server could refuse.
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname))
    throw new Failure(`${url.origin} is not of this machine: only https keeps the key secret.`);
  return url;
}

function checkedKey(variable: string, option: string, key: string | undefined): string {
  if (!key)
    throw new Failure(`No key: set ${variable} (or give ${option}, which \`ps\` shows).`, EXIT.key);
  // fetch would name it in its error.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new Failure(`${variable} (or ${option}) is no key: visible ASCII only.`, EXIT.key);
  return key;
}

function demoKey(folder: string): string | undefined {
  const text = textOf(join(folder, ".wrangler", "state", "demo.json"));
  const demo: unknown = text === undefined ? undefined : JSON.parse(text);
  if (typeof demo !== "object" || demo === null || !("key" in demo)) return undefined;
  return typeof demo.key === "string" ? demo.key : undefined;
}

function localOperatorKey(folder: string): string | undefined {
  return parseEnv(textOf(join(folder, ".dev.vars")) ?? "")["OPERATOR_KEY"];
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
