import { openPrimary } from "../db/client";
import type { Env } from "../env";
import { isObject } from "../http/body";
import { eachOnItsOwn } from "../dead-letters";
import { logFailure } from "../log";
import { retryDelay } from "../retry-delay";
import { type Event, identityOf, parseEvent } from "./catalogue";
import { fanOut } from "./fan-out";
import { EventsMessage } from "./messages";
import { storeEvents } from "./store";
import { forgetUnmatched, keepAside, type Reason } from "./unmatched";

/** From this try on a message is stored on its own, in case it is another of its batch that fails. */
const ALONE_FROM_TRY = 3;

/** Events that are worked through together, so that a large batch needs no more memory than a small one. */
const EVENTS_A_SLICE = 1_000;

/** Stores the events of a batch of messages and puts their deliveries on the queue; what failed is tried again later. */
export async function consumeEvents(
  batch: MessageBatch,
  env: Pick<Env, "DB" | "DELIVERIES" | "DELIVERIES_SLOW">,
): Promise<void> {
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
async function settle(
  messages: readonly Message[],
  env: Pick<Env, "DB" | "DELIVERIES" | "DELIVERIES_SLOW">,
): Promise<void> {
  try {
    await process(messages, env);
    for (const message of messages) message.ack();
  } catch (error) {
    logFailure("events not stored", error);
    for (const message of messages) message.retry({ delaySeconds: retryDelay(message.attempts) });
  }
}

async function process(
  messages: readonly Message[],
  env: Pick<Env, "DB" | "DELIVERIES" | "DELIVERIES_SLOW">,
): Promise<void> {
  const db = openPrimary(env.DB);
  const { events, again, aside, retried } = read(messages);
  await keepAside(db, "events", aside);
  const { owners, fresh, subscribers } = await storeEvents(db, [...events.values()]);
  // A try before this one may have stored the events and stopped: then all are sent, so that none is missed.
  const sent = again.size < events.size ? again.union(await fresh()) : again;
  const due = [...events].filter(([identity]) => sent.has(identity));
  await fanOut(
    env,
    db,
    due.map(([, event]) => event),
    owners,
    subscribers,
  );
  const done = retried.filter(({ sim_id }) => owners.has(sim_id)).map(({ id }) => id);
  if (done.length > 0) await forgetUnmatched(db, done);
}

interface Read {
  /** Every event of the messages, once. */
  events: Map<string, Event>;
  /** The identities of those that a try before may have stored. */
  again: Set<string>;
  /** What cannot be an event. */
  aside: { reason: Reason; value: unknown }[];
  /** Unmatched rows whose events are tried again, with the SIM that must be there for them to go. */
  retried: { id: number; sim_id: string }[];
}

function read(messages: readonly Message[]): Read {
  const result: Read = { events: new Map(), again: new Set(), aside: [], retried: [] };
  for (const { body, attempts } of messages) {
    const message = EventsMessage.safeParse(body);
    if (!message.success) {
      result.aside.push({ reason: "message_invalid", value: body });
      continue;
    }
    for (const [index, value] of message.data.events.entries()) {
      const parsed = parseEvent(value);
      if ("error" in parsed) {
        result.aside.push({ reason: parsed.error, value });
        continue;
      }
      const { event } = parsed;
      const identity = identityOf(event);
      if (!result.events.has(identity)) result.events.set(identity, event);
      const id = message.data.unmatched_ids?.[index];
      if (id !== undefined) result.retried.push({ id, sim_id: event.sim_id });
      if (attempts > 1 || id !== undefined) result.again.add(identity);
    }
  }
  return result;
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
