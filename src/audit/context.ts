export type ActorType = "key" | "operator" | "system";

/** Who acts. */
export interface Actor {
  type: ActorType;
  /** null unless a key acts. */
  keyId: string | null;
  /** Where the request came from; null of the system. */
  address: string | null;
  requestId: string | null;
}

export const SYSTEM: Actor = { type: "system", keyId: null, address: null, requestId: null };

type Database = Pick<D1Database, "prepare" | "batch">;

/** What is written between these two statements of a batch is the actor's, and audited. */
export function actingIn(
  d1: Pick<D1Database, "prepare">,
  { type, keyId, address, requestId }: Actor,
): { begin: D1PreparedStatement; end: D1PreparedStatement } {
  return {
    begin: d1
      .prepare("REPLACE INTO audit_context VALUES (1, ?, ?, ?, ?, ?)")
      .bind(Date.now(), type, keyId, address, requestId),
    end: d1.prepare("DELETE FROM audit_context"),
  };
}

const READS = /^\s*select\b/i;

/**
 * A database whose writes are the actor's: a batch that writes begins by saying so to the triggers of the audit log, and
 * ends by taking it back. D1 runs a batch as one transaction, and one at a time, so that no other is told of it.
 * A write outside a batch would not be audited, and throws.
 */
export function audited(d1: Database, actor: Actor): Database {
  const writes = new WeakSet<D1PreparedStatement>();

  function batchOnly(statement: D1PreparedStatement): D1PreparedStatement {
    const bind = statement.bind.bind(statement);
    writes.add(statement);
    return Object.assign(statement, {
      bind: (...values: unknown[]) => batchOnly(bind(...values)),
      all: refuse,
      first: refuse,
      raw: refuse,
      run: refuse,
    });
  }

  return {
    prepare(query) {
      const statement = d1.prepare(query);
      return READS.test(query) ? statement : batchOnly(statement);
    },
    async batch<Row>(statements: D1PreparedStatement[]) {
      if (!statements.some((statement) => writes.has(statement))) return d1.batch<Row>(statements);
      const { begin, end } = actingIn(d1, actor);
      const results = await d1.batch<Row>([begin, ...statements, end]);
      return results.slice(1, -1);
    },
  };
}

function refuse(): never {
  throw new Error("a write outside a batch would not be audited");
}
