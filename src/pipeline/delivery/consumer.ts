import { type Db, openPrimary } from "../../db/client";
import { type Env, readConfig } from "../../platform/env";
import { DeliveriesMessage } from "../queues/messages";
import { keepAside, type Reason } from "../queues/unmatched";
import { eachOnItsOwn } from "../queues/dead-letters";
import { logFailure } from "../../platform/log";
import { countDeliveries } from "../../platform/metrics";
import { retryDelay } from "../queues/retry-delay";
import type { EncryptionKeys } from "../../platform/crypto";
import { findSealedEndpoints, findWithTurns, openEndpoint } from "./endpoints";
import type { Lane } from "../../db/tables/types";
import { keepVisits } from "./save-runs";
import { sendLater } from "./requeue";
import { rulesOf } from "./target";
import { logBroken, type Round, tryEach, type TryOptions } from "./run-batch";
import { startVisit, type Visit } from "./endpoint-run";

interface Job {
  message: Message;
  content: DeliveriesMessage;
}

/** A visit with what it has to do. */
interface Call {
  visit: Visit;
  jobs: Job[];
}

/** How long a run starts deliveries, in milliseconds: the queue adds consumers only when a run ends. */
const RUN_MS: Record<Lane, number> = { fast: 20_000, slow: 10_000 };

/** The `deliveries` queue's consumer: an endpoint that turns out to fail or to be slow is left, the rest of its events go to the slow lane. */
export const consumeFast = consumerOf("fast");

/** The slow lane's consumer: tries the events of the accounts that have a turn, and puts back those of the others. */
export const consumeSlow = consumerOf("slow");

/** Tries each event of a batch of messages once, and puts off what is to be tried again. */
function consumerOf(lane: Lane) {
  return async (batch: MessageBatch, env: Env, options: TryOptions = {}): Promise<void> => {
    const settled = new Set<Message>();
    try {
      const config = readConfig(env);
      const rules = rulesOf(config);
      const db = openPrimary(env.DB);
      const jobs = await readJobs(db, batch.messages, settled);
      const calls = await openCalls(lane, db, jobs, config.encryptionKeys, settled);
      const how = { rules, runMs: RUN_MS[lane], ...options };
      const broken = await tryEach(lane, calls.map(roundOf), how);
      for (const { visit, jobs: done } of calls) {
        if (broken.has(visit)) continue;
        try {
          await sendLater(env, db, visit);
          for (const { message } of done) settled.add(message);
        } catch (error) {
          logBroken(error);
        }
      }
      for (const { visit } of calls) countDeliveries(env.METRICS, visit);
      const kept = await keepVisits(
        db,
        calls.map(({ visit }) => visit),
        unmatchedIds(jobs, settled),
      );
      // A receiver is not called again for a log line, but a webhook that is to be switched off must not be forgotten.
      for (const { visit, jobs: done } of kept ? [] : calls)
        if (visit.disabled) for (const { message } of done) settled.delete(message);
    } catch (error) {
      logFailure("deliveries stopped", error);
    }
    for (const message of batch.messages)
      if (settled.has(message)) message.ack();
      else message.retry({ delaySeconds: retryDelay(message.attempts) });
  };
}

/** The messages that say what is to be delivered; what does not is kept aside. */
async function readJobs(
  db: Db,
  messages: readonly Message[],
  settled: Set<Message>,
): Promise<Job[]> {
  const jobs: Job[] = [];
  const wrong: Message[] = [];
  for (const message of messages) {
    const { data: content } = DeliveriesMessage.safeParse(message.body);
    if (content) jobs.push({ message, content });
    else wrong.push(message);
  }
  await keepMessages(db, wrong, "message_invalid");
  for (const message of wrong) settled.add(message);
  return jobs;
}

/** A call at each webhook that is there; what was for one that is deleted is dropped. */
async function openCalls(
  lane: Lane,
  db: Db,
  jobs: readonly Job[],
  encryptionKeys: EncryptionKeys,
  settled: Set<Message>,
): Promise<Call[]> {
  const wanted = jobs.map(({ content }) => content);
  const { rows, turnOf } =
    lane === "slow"
      ? await findWithTurns(db, wanted)
      : { rows: await findSealedEndpoints(db, wanted), turnOf: () => undefined };
  const calls: Call[] = [];
  for (const [id, own] of Map.groupBy(jobs, ({ content }) => content.webhook_id)) {
    const row = rows.get(id);
    if (!row) for (const { message } of own) settled.add(message);
    else
      try {
        const endpoint = await openEndpoint(row, encryptionKeys);
        calls.push({ visit: startVisit(endpoint, turnOf(endpoint.accountId)), jobs: own });
      } catch {
        // Its messages wait for the right key, and hold up no other's.
        logFailure("secrets do not open", undefined, { webhook_id: id });
      }
  }
  return calls;
}

function roundOf({ visit, jobs }: Call): Round {
  const tries = jobs.flatMap(({ content: { events, attempt, waits } }) =>
    events.map((event) => ({ event, attempt, waits })),
  );
  return { visit, tries };
}

function unmatchedIds(jobs: readonly Job[], settled: ReadonlySet<Message>): number[] {
  return jobs.flatMap(({ message, content }) =>
    settled.has(message) ? (content.unmatched_id ?? []) : [],
  );
}

/** Keeps the messages that every try failed for, so that the operator sees them and can try again. */
export async function consumeDeadDeliveries(
  batch: MessageBatch,
  env: Pick<Env, "DB">,
): Promise<void> {
  const db = openPrimary(env.DB);
  await eachOnItsOwn(batch, async (message) => {
    // Those that were tried again still have their rows.
    const again = DeliveriesMessage.safeParse(message.body).data?.unmatched_id !== undefined;
    if (!again) await keepMessages(db, [message], "dead_lettered");
  });
}

function keepMessages(db: Db, messages: readonly Message[], reason: Reason): Promise<void> {
  const aside = messages.map(({ body }) => ({ reason, value: body }));
  return keepAside(db, "deliveries", aside);
}
