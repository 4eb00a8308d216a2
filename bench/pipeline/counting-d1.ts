/** A statement that was run, and what D1 said it cost. */
interface Statement {
  sql: string;
  read: number;
  written: number;
}

export interface D1Counts {
  /** Calls to the database, a batch being one. */
  roundTrips: number;
  statements: Statement[];
}

const ASKS = ["first", "all", "run", "raw", "batch", "exec"];

/** The database, with a count of what goes to it and of the rows that its answers say were read and written. */
export function countingD1(d1: D1Database): { counts: D1Counts; d1: D1Database } {
  const counts: D1Counts = { roundTrips: 0, statements: [] };
  const watched = new WeakMap<object, { target: object; sql: string }>();

  function watch<T extends object>(target: T, sql: string): T {
    const proxy = new Proxy(target, {
      get(_, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...given: unknown[]) => {
          const asks = typeof name === "string" && ASKS.includes(name);
          if (asks) counts.roundTrips += 1;
          // `raw` leaves out what the statement cost, and no select here has two columns of one name.
          const called: unknown = name === "raw" ? Reflect.get(target, "all") : member;
          if (typeof called !== "function") throw new Error(`D1 has no ${String(name)}`);
          const result: unknown = Reflect.apply(called, target, given.map(original));
          if (asks)
            return Promise.resolve(result).then((answer) => {
              note(answer, given[0], sql);
              return name === "raw" ? rowsOf(answer).map(Object.values) : answer;
            });
          const prepared = name === "prepare" ? String(given[0]) : sql;
          return typeof result === "object" && result !== null ? watch(result, prepared) : result;
        };
      },
    });
    watched.set(proxy, { target, sql });
    return proxy;
  }

  /** D1 takes its own statements only, in a batch's list. */
  function original(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(original);
    return isObject(value) ? (watched.get(value)?.target ?? value) : value;
  }

  function note(answer: unknown, given: unknown, sql: string): void {
    const asked = Array.isArray(given) ? given : [];
    for (const [index, one] of [answer].flat().entries()) {
      const { meta = {} }: { meta?: { rows_read?: number; rows_written?: number } } = Object(one);
      const own: unknown = asked[index];
      counts.statements.push({
        sql: (isObject(own) && watched.get(own)?.sql) || sql,
        read: meta.rows_read ?? 0,
        written: meta.rows_written ?? 0,
      });
    }
  }

  return { counts, d1: watch(d1, "") };
}

function rowsOf(answer: unknown): object[] {
  const { results = [] }: { results?: object[] } = Object(answer);
  return results;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
