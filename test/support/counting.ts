import { env } from "cloudflare:workers";
import type { GivenAccount } from "./given-account";

const ROUND_TRIPS = ["first", "all", "run", "raw", "batch", "exec", "dump"];
const KV_OPERATIONS = ["get", "getWithMetadata", "put", "delete", "list"];

/** The database, with a count of what goes to it and of the rows that its answers say were read and written. */
export function countingD1(d1: D1Database = env.DB) {
  const counts = { roundTrips: 0, rowsRead: 0, rowsWritten: 0 };
  const originals = new WeakMap<object, object>();

  function watch<T extends object>(target: T): T {
    if (originals.has(target)) return target;
    const watched = new Proxy(target, {
      get(_, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...given: unknown[]) => {
          const result: unknown = Reflect.apply(member, target, given.map(original));
          if (typeof name === "string" && ROUND_TRIPS.includes(name)) {
            counts.roundTrips += 1;
            return Promise.resolve(result).then(countRows);
          }
          // `prepare`, `bind` and `withSession` make something that can be asked in turn.
          return typeof result === "object" && result !== null ? watch(result) : result;
        };
      },
    });
    originals.set(watched, target);
    return watched;
  }

  /** D1 takes its own statements only, in a batch's list. */
  function original(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(original);
    return typeof value === "object" && value !== null ? (originals.get(value) ?? value) : value;
  }

  function countRows<T>(result: T): T {
    for (const one of [result].flat()) {
      const { read, written } = rowsOf(one);
      counts.rowsRead += read;
      counts.rowsWritten += written;
    }
    return result;
  }

  return { counts, d1: watch(d1) };
}

/** How often a call goes to the database once its key is known. */
export async function roundTripsOf(
  account: GivenAccount,
  method: string,
  path: string,
  body?: object,
): Promise<number> {
  await account.call("GET", "/");
  const { counts, d1 } = countingD1();
  await account.call(method, path, body, { env: { DB: d1 } });
  return counts.roundTrips;
}

function rowsOf(result: unknown): { read: number; written: number } {
  const { meta }: { meta?: { rows_read?: number; rows_written?: number } } = Object(result);
  return { read: meta?.rows_read ?? 0, written: meta?.rows_written ?? 0 };
}

/** The keys' KV, with a count of the operations on it. */
export function countingKv(kv: KVNamespace = env.API_KEYS) {
  const counts = { operations: 0 };
  const watched = new Proxy(kv, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (typeof name === "string" && KV_OPERATIONS.includes(name)) counts.operations += 1;
      return member.bind(target);
    },
  });
  return { counts, kv: watched };
}
