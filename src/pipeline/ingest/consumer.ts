import { openPrimary } from "../../db/client";
import { type Env, readConfig } from "../../platform/env";
import { isObject } from "../../http/body";
import { eachOnItsOwn } from "../queues/dead-letters";
import { logFailure } from "../../platform/log";
import { retryDelay } from "../queues/retry-delay";
import { DAY_MS, keptUsageSince } from "../../platform/time";
import type { Event } from "../../events/schemas";
import { fanOut } from "../delivery/fan-out";
import { EventsMessage } from "../queues/messages";
import { aside as setAside } from "./outcome";
import { readMessages } from "./read-messages";
import { settleReports } from "./settled-reports";
import { storeEvents } from "./store";
import { forgetUnmatched, keepAside, keepUnmatched, type SetAside } from "../queues/unmatched";

/** From this try on a message is stored on its own, in case it is another of its batch that fails. */
const ALONE_FROM_TRY = 3;

/** Events that are worked through together, so that a large batch needs no more memory than a small one. */
const EVENTS_A_SLICE = 1_000;

/** Stores the events of a batch of messages and puts their deliveries on the queue; what failed is tried again later. */
export async function consumeEvents(batch: MessageBatch, env: Env): Promise<void> {
  const together = batch.messages.filter((message) => message.attempts < ALONE_FROM_TRY);
  const alone = batch.messages.filter((message) => message.attempts >= ALONE_FROM_TRY);
  for (const messages of [...slicesOf(together), ...alone.map((message) => [message])])
    await settle(messages, env);
}

/** Whole messages, in order, of so many events together; one that has more is a slice of its own. */
function slicesOf(messages: readonly Message[]): Message[][] {
  const slices: Message[][] = [];
  let events = Infinity;
  for (const message of messages) {
    const own = countOf(message.body);
    if (events + own > EVENTS_A_SLICE) {
      slices.push([]);
      events = 0;
    }
    slices.at(-1)?.push(message);
    events += own;
  }
  return slices;
}

function countOf(body: unknown): number {
  return isObject(body) && Array.isArray(body.events) ? body.events.length : 1;
}

/** Acknowledges the messages once all is done; a failure on the way sends all of them back to the queue. */
async function settle(messages: readonly Message[], env: Env): Promise<void> {
  try {
    await process(messages, env);
    for (const message of messages) message.ack();
  } catch (error) {
    logFailure("events not stored", error);
    for (const message of messages) message.retry({ delaySeconds: retryDelay(message.attempts) });
  }
}

async function process(messages: readonly Message[], env: Env): Promise<void> {
  const db = openPrimary(env.DB);
  const { reports, aside } = await readMessages(messages, keptSince(env));
  await keepAside(db, "events", aside);
  const due = reports.filter(({ tooOld }) => !tooOld);
  const replacing = new Set(due.filter(({ as }) => as === "replacement").map(({ event }) => event));
  const events = due.map(({ event }) => event);
  const { owners, outcomes, subscribers } = await storeEvents(db, events, {
    replacing,
    decided: new Map(due.flatMap(({ event, settled }) => (settled ? [[event, settled]] : []))),
    again: due.some(({ again }) => again),
  });
  const settled = due.flatMap(({ settled: report, event }) => {
    const accountId = owners.get(event)?.accountId;
    const outcome = outcomes.get(event);
    if (!report || !accountId || !outcome || outcome.kind === "aside") return [];
    return [{ event: report, accountId, storedAs: outcome.told.id }];
  });
  if (settled.length > 0) await settleReports(db, settled);
  // A try before this one may have stored the events and stopped: then all are sent, so that none is missed.
  const sent = due.flatMap(({ event, again }) => {
    const [outcome, owner] = [outcomes.get(event), owners.get(event)];
    if (!outcome || !owner || outcome.kind === "aside") return [];
    return again || outcome.kind === "fresh" ? [{ event: outcome.told, owner }] : [];
  });
  await fanOut(env, db, sent, subscribers);
  const set = reports.flatMap(({ event, unmatchedIds, tooOld }): SetAside[] => {
    const outcome = tooOld ? setAside("time_too_old") : outcomes.get(event);
    if (outcome?.kind !== "aside") return [];
    const { reason, stored } = outcome;
    const ids = unmatchedIds.length > 0 ? unmatchedIds : [undefined];
    return ids.map((unmatchedId) => ({ event, reason, ...(stored && { stored }), unmatchedId }));
  });
  await keepUnmatched(db, set);
  const waiting = new Set(set.map(({ unmatchedId }) => unmatchedId));
  const done = reports.flatMap(({ unmatchedIds }) => unmatchedIds).filter((id) => !waiting.has(id));
  if (done.length > 0) await forgetUnmatched(db, done);
}

/** The first moment (ms) whose usage, or whose network events, the deployment keeps. */
function keptSince(env: Env): (event: Event) => number {
  const { USAGE_DAYS, NETWORK_LOG_DAYS } = readConfig(env);
  const now = Date.now();
  const usage = keptUsageSince(USAGE_DAYS, now);
  const network = now - NETWORK_LOG_DAYS * DAY_MS;
  return ({ type }) => (type === "usage" ? usage : network);
}

/** Keeps the events of messages that every try failed for, so that the operator sees them and can try again. */
export async function consumeDeadEvents(batch: MessageBatch, env: Pick<Env, "DB">): Promise<void> {
  const db = openPrimary(env.DB);
  await eachOnItsOwn(batch, async ({ body }) => {
    const { data } = EventsMessage.safeParse(body);
    // Those that were tried again still have their rows.
    if (data?.unmatched_ids) return;
    const values = data ? data.events : [body];
    await keepAside(
      db,
      "events",
      values.map((value) => ({ reason: "dead_lettered", value })),
    );
  });
}
