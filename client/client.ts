import createFetchClient, { defaultPathSerializer, type Middleware } from "openapi-fetch";
import type { Calls, InitParam, Page, PagedPath, PageInit, Row } from "./calls";
import { errorOf } from "./error";
import { type Follow, follow, type Followed } from "./follow";
import { type Init, pages, type Read, rows } from "./pages";
import { type Fetch, retrying } from "./retry";
import type { paths } from "./schema";
import { wait } from "./wait";

export interface Options {
  /** Where the deployment is: `https://simplane.example.com`. */
  baseUrl: string;
  /** An account's key, or the operator's. */
  key: string;
  /** Milliseconds that one try has for its answer (what is read as a stream, for its head); 30 s unless given. */
  timeoutMs?: number;
  /** Tries after the first one, where a call may be repeated; 3 unless given. */
  retries?: number;
  /** Milliseconds: a call that is asked to wait longer fails at once; a minute unless given. */
  longestWaitMs?: number;
  /** In place of the platform's own. */
  fetch?: Fetch;
}

export interface Simplane extends Calls {
  /** Each row of a list, page after page. */
  iterate<Path extends PagedPath, Init extends PageInit<Path>>(
    path: Path,
    ...init: InitParam<Init>
  ): AsyncGenerator<Row<Page<Path, Init>>, void, undefined>;
  /** Each page of a list, with the cursor behind it. */
  pages<Path extends PagedPath, Init extends PageInit<Path>>(
    path: Path,
    ...init: InitParam<Init>
  ): AsyncGenerator<Page<Path, Init>, void, undefined>;
  /** The feed of events as it grows. */
  follow(options?: Follow): AsyncGenerator<Followed, void, undefined>;
}

const TIMEOUT_MS = 30_000;
const RETRIES = 3;
const LONGEST_WAIT_MS = 60_000;

/** The API, typed. What it refuses is thrown as a `SimplaneError`. Throws a `TypeError` for a `baseUrl` that is none. */
export function createClient({
  baseUrl,
  key,
  timeoutMs = TIMEOUT_MS,
  retries = RETRIES,
  longestWaitMs = LONGEST_WAIT_MS,
  fetch = (request) => globalThis.fetch(request),
}: Options): Simplane {
  const { search, hash } = new URL(baseUrl);
  if (search !== "" || hash !== "")
    throw new TypeError("The client's baseUrl must not have a query string or a fragment.");
  const client = createFetchClient<paths, "application/json">({
    baseUrl,
    pathSerializer,
    headers: { authorization: key },
    fetch: retrying(fetch, { timeoutMs, retries, longestWaitMs, wait }),
  });
  client.use(namingChanges, throwingErrors);
  const { GET, POST, PUT, PATCH, DELETE } = client;
  const read = byName(client);
  const simplane: Record<keyof Simplane, unknown> = {
    GET,
    POST,
    PUT,
    PATCH,
    DELETE,
    iterate: (path: string, init?: Init) => rows(read, path, init),
    pages: (path: string, init?: Init) => pages(read, path, init),
    follow: (options?: Follow) => follow((init) => typed(simplane).GET("/events", init), options),
  };
  return typed(simplane);
}

/** `.` and `..` would be taken for steps of the path, and the call would be another one. */
function pathSerializer(path: string, params: Record<string, unknown>): string {
  for (const [name, value] of Object.entries(params))
    if (value === "." || value === "..") throw new TypeError(`${name} must not be "${value}".`);
  return defaultPathSerializer(path, params);
}

/** Pages know a path and its query by their names only; {@link Simplane} says which there are. */
function byName({ GET }: { GET: unknown }): Read {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return GET as Read;
}

/** The middleware throws where the methods would answer an `error`, so that there is always `data`. */
function typed(simplane: Record<keyof Simplane, unknown>): Simplane {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return simplane as unknown as Simplane;
}

/** Each change has a name of its own, so that it can be sent again when its answer was lost. */
const namingChanges: Middleware = {
  onRequest({ request, schemaPath }) {
    if (request.method === "GET" || request.headers.has(IDEMPOTENCY_KEY)) return;
    // The operator's calls know no names. An event counts once by itself, so a report may be repeated as well.
    if (schemaPath.startsWith("/operator/") && schemaPath !== "/operator/events") return;
    request.headers.set(IDEMPOTENCY_KEY, randomName());
  },
};

const throwingErrors: Middleware = {
  async onResponse({ request, response }) {
    if (!response.ok || !isOurs(response)) throw await errorOf(request, response);
  },
};

/** All that the API answers is JSON, or lines of it. */
function isOurs({ headers }: Response): boolean {
  return /^application\/(json|x-ndjson)\b/.test(headers.get("content-type") ?? "");
}

const IDEMPOTENCY_KEY = "idempotency-key";

/** Not `randomUUID`, which a page without HTTPS lacks. */
function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
