import { eq } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { SYSTEM } from "../../db/audited";
import { actingAs, type Db } from "../../db/client";
import { unmatchedEvents } from "../../db/tables";
import { logFailure, type Message } from "../../platform/log";
import { logDeliveries } from "./log-deliveries";
import { disable, type Endpoint, findHealth, keepHealth } from "./endpoints";
import { healthAfter } from "./endpoint-health";
import { restAfter } from "./turns";
import type { Delivery } from "./responses";
import type { Visit } from "./endpoint-run";

const TRIES = 3;

/** Runs that may write an endpoint's health between two looks of this one at it. */
const MERGES = 10;

/**
 * Writes what a run learned: a row of the log for each webhook, in one D1 batch, and their health where that changed.
 * The events are delivered by now: when D1 refuses the batch, that is logged and answered with false.
 */
export async function keepVisits(
  db: Db,
  visits: readonly Visit[],
  unmatchedDone: readonly number[],
): Promise<boolean> {
  // Switching one off is audited, with the rest of its batch.
  const own = visits.some(({ disabled }) => disabled) ? actingAs(db, SYSTEM) : db;
  const [first, ...rest] = [
    ...visits.flatMap((visit) => statementsOf(own, visit)),
    ...restAfter(own, visits, Date.now()),
    ...unmatchedDone.map((id) => own.delete(unmatchedEvents).where(eq(unmatchedEvents.id, id))),
  ];
  const deliveries = visits.reduce((sum, { log }) => sum + log.length, 0);
  const batch = async () => first && void (await own.batch([first, ...rest]));
  const kept = await tryThrice("outcomes not kept", deliveries, batch);
  await tryThrice("health not kept", deliveries, () => mergeHealth(db, visits.filter(hasNews)));
  return kept;
}

async function tryThrice(
  message: Message,
  deliveries: number,
  write: () => Promise<void>,
): Promise<boolean> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      await write();
      return true;
    } catch (error) {
      logFailure(message, error, { attempt, deliveries });
    }
  }
  return false;
}

function statementsOf(db: Db, { endpoint, disabled, log }: Visit): BatchItem<"sqlite">[] {
  return [
    ...(log.length > 0 ? logDeliveries(db, runOf(endpoint, log)) : []),
    ...(disabled ? [disable(db, endpoint, disabled)] : []),
  ];
}

function runOf({ accountId, id }: Endpoint, deliveries: readonly Delivery[]) {
  return { accountId, webhookId: id, deliveries };
}

/** Whether the endpoint's health is no longer what the run began with. */
function hasNews({ endpoint, health }: Visit): boolean {
  return health !== endpoint.health && JSON.stringify(health) !== JSON.stringify(endpoint.health);
}

/**
 * Writes the endpoints' health. Runs go side by side: where another wrote first, this one's outcomes are added to
 * what that one wrote, so that five runs that each see one failure make five.
 */
async function mergeHealth(db: Db, visits: readonly Visit[]): Promise<void> {
  for (const { endpoint, outcomes, health } of visits) {
    let [known, next] = [endpoint, health];
    for (let tries = 0; tries < MERGES; tries += 1) {
      const kept = await keepHealth(db, known, next);
      if (kept.length > 0) break;
      const current = await findHealth(db, endpoint);
      if (!current) break;
      known = { ...endpoint, health: current };
      next = outcomes.reduce(healthAfter, current);
    }
  }
}
