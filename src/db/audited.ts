import { ApiError } from "../platform/errors";
import { LIMITS } from "../platform/limits";
import { secondsToNextHour } from "../platform/time";

export type ActorType = "key" | "operator" | "system";

/** Who acts. */
export interface Actor {
  type: ActorType;
  /** null unless a key acts. */
  keyId: string | null;
  /** Where the request came from; null of the system. */
  address: string | null;
  requestId: string | null;
  /** The account of the key that acts; null: what is written counts towards no budget. */
  accountId: string | null;
}

export const SYSTEM: Actor = {
  type: "system",
  keyId: null,
  address: null,
  requestId: null,
  accountId: null,
};

type Database = Pick<D1Database, "prepare" | "batch">;

/** What is written between these two statements of a batch is the actor's, and audited. */
export function actingIn(
  d1: Pick<D1Database, "prepare">,
  { type, keyId, address, requestId, accountId }: Actor,
): { begin: D1PreparedStatement; end: D1PreparedStatement } {
  return {
    begin: d1
      .prepare(
        `REPLACE INTO audit_context (id, at, actor, key_id, address, request_id, account_id, seq, most_bytes)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, coalesce((SELECT max(seq) FROM audit_log WHERE account_id = ?6), 0), ?7)`,
      )
      .bind(Date.now(), type, keyId, address, requestId, accountId, LIMITS.auditBytes.most),
    end: d1.prepare("DELETE FROM audit_context"),
  };
}

/** What the trigger `audit_bytes_counted` says. */
const BUDGET_SPENT = "the budget of the audit log is spent";

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
      const results = await d1.batch<Row>([begin, ...statements, end]).catch(refuseOverBudget);
      return results.slice(1, -1);
    },
  };
}

/** The trigger that counts the bytes of the log undoes the transaction that goes beyond the budget. */
function refuseOverBudget(error: unknown): never {
  // D1 gives its errors no class and no code; these words are those of our own trigger.
  if (!(error instanceof Error && error.message.includes(BUDGET_SPENT))) throw error;
  throw new ApiError("change_budget_spent", { "retry-after": secondsToNextHour(Date.now()) });
}

function refuse(): never {
  throw new Error("a write outside a batch would not be audited");
}
