/** The queues. wrangler.toml binds each under this name after that of the deployment: `simplane-events`. */
export const QUEUES = [
  "events",
  "events-dead",
  "deliveries",
  "deliveries-slow",
  "deliveries-dead",
  "replays",
] as const;
export type QueueName = (typeof QUEUES)[number];

/** The queue that a deployment calls `name`. Throws where there is none. */
export function queueNamed(name: string): QueueName {
  const found = QUEUES.find((queue) => name.endsWith(`-${queue}`));
  if (!found) throw new Error(`no consumer for the queue ${name}`);
  return found;
}
