import type { Env } from "../platform/env";
import type { Spent } from "../platform/spent";

export function nothingSpent(): Spent {
  return { roundTrips: 0, rowsRead: 0, rowsWritten: 0 };
}

/** What is spent, under the names that the log has for it. */
export function asFields({ roundTrips, rowsRead, rowsWritten }: Spent) {
  return { d1_calls: roundTrips, rows_read: rowsRead, rows_written: rowsWritten };
}

/** The bindings; what is asked of their database is added to `spent`. */
export function counting(env: Env, spent: Spent): Env {
  const counted: Env = Object.create(env, { DB: { value: countedD1(env.DB, spent) } });
  return counted;
}

/** It costs no round trip, and changes no answer. */
function countedD1(d1: D1Database, spent: Spent): D1Database {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `dump` and a statement's `first` are missing, which nothing here asks for
  return new CountedDatabase(d1, spent) as unknown as D1Database;
}

class CountedSession<Target extends Pick<D1Database, "prepare" | "batch">> {
  constructor(
    protected readonly target: Target,
    protected readonly spent: Spent,
  ) {}

  prepare(query: string): CountedStatement {
    return new CountedStatement(this.target.prepare(query), this.spent);
  }

  async batch(statements: CountedStatement[]): Promise<D1Result[]> {
    this.spent.roundTrips += 1;
    const results = await this.target.batch(statements.map(({ statement }) => statement));
    for (const { meta } of results) addRows(this.spent, meta);
    return results;
  }
}

class CountedDatabase extends CountedSession<D1Database> {
  exec(query: string): Promise<D1ExecResult> {
    this.spent.roundTrips += 1;
    return this.target.exec(query);
  }

  withSession(start?: string): CountedSession<D1DatabaseSession> {
    return new CountedBookmarks(this.target.withSession(start), this.spent);
  }
}

class CountedBookmarks extends CountedSession<D1DatabaseSession> {
  getBookmark(): string | null {
    return this.target.getBookmark();
  }
}

class CountedStatement {
  constructor(
    readonly statement: D1PreparedStatement,
    private readonly spent: Spent,
  ) {}

  bind(...values: unknown[]): CountedStatement {
    return new CountedStatement(this.statement.bind(...values), this.spent);
  }

  async all(): Promise<D1Result> {
    this.spent.roundTrips += 1;
    const result = await this.statement.all();
    addRows(this.spent, result.meta);
    return result;
  }

  async run(): Promise<D1Result> {
    this.spent.roundTrips += 1;
    const result = await this.statement.run();
    addRows(this.spent, result.meta);
    return result;
  }

  /**
   * Rows as lists: `raw` of D1 does not tell what they cost. So no two columns of a statement may have the same name, and
   * none a number for a name, which an object has before all others.
   */
  async raw(options?: { columnNames?: boolean }): Promise<unknown[][]> {
    if (options?.columnNames) throw new Error("the names of the columns are not counted");
    const { results } = await this.all();
    return results.map((row) => Object.values(Object(row)));
  }
}

/** An emulator or a test may leave `meta` out. */
function addRows(spent: Spent, meta: Partial<D1Meta> | undefined): void {
  spent.rowsRead += meta?.rows_read ?? 0;
  spent.rowsWritten += meta?.rows_written ?? 0;
}
