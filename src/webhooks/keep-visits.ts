import { eq } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Db } from "../db/client";
import { unmatchedEvents } from "../db/tables";
import { describe } from "../http/on-error";
import { appendDeliveries } from "./delivery-log";
import { disable, keepHealth } from "./endpoints";
import type { Visit } from "./visit";

const TRIES = 3;

/**
 * Writes what a run learned, in one D1 batch: a row of the log for each webhook, its health where that changed.
 * The events are delivered by now: when D1 refuses, that is logged and answered with false.
 */
export async function keepVisits(
  db: Db,
  visits: readonly Visit[],
  unmatchedDone: readonly number[],
): Promise<boolean> {
  const [first, ...rest] = [
    ...visits.flatMap((visit) => statementsOf(db, visit)),
    ...unmatchedDone.map((id) => db.delete(unmatchedEvents).where(eq(unmatchedEvents.id, id))),
  ];
  if (!first) return true;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      await db.batch([first, ...rest]);
      return true;
    } catch (error) {
      const deliveries = visits.reduce((sum, { log }) => sum + log.length, 0);
      console.error(
        JSON.stringify({
          message: "outcomes not kept",
          attempt,
          deliveries,
          error: describe(error),
        }),
      );
    }
  }
  return false;
}

function statementsOf(db: Db, { endpoint, health, disabled, log }: Visit): BatchItem<"sqlite">[] {
  const changed = JSON.stringify(health) !== JSON.stringify(endpoint.health);
  return [
    ...(log.length > 0 ? [appendDeliveries(db, endpoint.id, log)] : []),
    // First: it asks for the row as it was read.
    ...(disabled ? [disable(db, endpoint, disabled)] : []),
    ...(changed ? [keepHealth(db, endpoint, health)] : []),
  ];
}
