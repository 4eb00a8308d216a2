import { type Db, openPrimary } from "../db/client";
import { type Env, readConfig } from "../env";
import { DeliveriesMessage, type DeliveryEvent } from "../events/messages";
import { forgetUnmatched, keepAside, type Reason } from "../events/unmatched";
import { describe } from "../http/on-error";
import { retryDelay } from "../retry-delay";
import { deliver, type DeliverOptions } from "./deliver";
import { runFairly } from "./fair-pool";
import { type Endpoint, findSealedEndpoints, openEndpoint } from "./queries";

/** Requests under way at a time: a Worker has six connections, and one is left for D1. */
const SLOTS = 5;

/** A message being worked through: acknowledged when each of its events has been tried. */
interface Job {
  message: Message;
  content: DeliveriesMessage;
  left: number;
}

interface Task {
  job: Job;
  endpoint: Endpoint;
  event: DeliveryEvent;
}

/** Delivers a batch of messages: each event is tried once, then dropped, as the specification says. */
export async function consumeDeliveries(
  batch: MessageBatch,
  env: Env,
  options: DeliverOptions = {},
): Promise<void> {
  const unsettled = new Set(batch.messages);
  const settle = (message: Message) => {
    unsettled.delete(message);
    message.ack();
  };
  try {
    const { ENCRYPTION_KEY, ALLOW_INSECURE_WEBHOOKS } = readConfig(env);
    const db = openPrimary(env.DB);
    const jobs = await readJobs(db, batch.messages, settle);
    const sealed = await findSealedEndpoints(
      db,
      jobs.map(({ content }) => content),
    );
    const lanes: Task[][] = [];
    for (const [id, lane] of Map.groupBy(jobs, ({ content }) => content.webhook_id)) {
      const endpoint = sealed.get(id);
      // Deleted or switched off since: nothing is to be sent.
      if (!endpoint) for (const { message } of lane) settle(message);
      else lanes.push(await tasksOf(lane, endpoint, ENCRYPTION_KEY));
    }
    const allowInsecure = ALLOW_INSECURE_WEBHOOKS === "true";
    await runFairly(lanes, SLOTS, async ({ job, endpoint, event }) => {
      await deliver(endpoint, event, { allowInsecure, ...options });
      job.left -= 1;
      if (job.left > 0) return;
      if (job.content.unmatched_id !== undefined)
        await forgetUnmatched(db, job.content.unmatched_id);
      settle(job.message);
    });
  } catch (error) {
    console.error(JSON.stringify({ message: "deliveries stopped", error: describe(error) }));
  }
  for (const message of unsettled) message.retry({ delaySeconds: retryDelay(message.attempts) });
}

/** The messages that say what is to be delivered; what does not is kept aside. */
async function readJobs(
  db: Db,
  messages: readonly Message[],
  settle: (message: Message) => void,
): Promise<Job[]> {
  const jobs: Job[] = [];
  const wrong: Message[] = [];
  for (const message of messages) {
    const { data: content } = DeliveriesMessage.safeParse(message.body);
    if (content) jobs.push({ message, content, left: content.events.length });
    else wrong.push(message);
  }
  await keepMessages(db, wrong, "message_invalid");
  for (const message of wrong) settle(message);
  return jobs;
}

/** The lane's deliveries. None, when its secrets cannot be opened: its messages wait for the right key, and hold up no other's. */
async function tasksOf(lane: Job[], sealed: Endpoint, encryptionKey: string): Promise<Task[]> {
  try {
    const endpoint = await openEndpoint(sealed, encryptionKey);
    return lane.flatMap((job) => job.content.events.map((event) => ({ job, endpoint, event })));
  } catch {
    console.error(JSON.stringify({ message: "secrets do not open", webhook_id: sealed.id }));
    return [];
  }
}

/** Keeps the messages that every try failed for, so that the operator sees them and can try again. */
export async function consumeDeadDeliveries(
  batch: MessageBatch,
  env: Pick<Env, "DB">,
): Promise<void> {
  await keepMessages(openPrimary(env.DB), batch.messages, "dead_lettered");
}

function keepMessages(db: Db, messages: readonly Message[], reason: Reason): Promise<void> {
  const aside = messages.map(({ body }) => ({ reason, value: body }));
  return keepAside(db, "deliveries", aside);
}
