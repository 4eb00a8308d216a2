/** A message that was put on a queue. */
export interface Sent {
  queue: string;
  body: unknown;
  /** Bytes of its JSON: a queue counts an operation for each 64 KB. */
  bytes: number;
  delaySeconds: number;
}

/** A queue that lists what is put on it. */
export function listingQueue(name: string, sent: Sent[]): Queue {
  const metrics = { backlogCount: 0, backlogBytes: 0 };
  const keep = (body: unknown, delaySeconds = 0) => {
    const text = JSON.stringify(body);
    const bytes = new TextEncoder().encode(text).byteLength;
    sent.push({ queue: name, body: JSON.parse(text), bytes, delaySeconds });
  };
  return {
    async send(body, options) {
      keep(body, options?.delaySeconds);
      return { metadata: { metrics } };
    },
    async sendBatch(batch, options) {
      for (const { body, delaySeconds } of batch) keep(body, delaySeconds ?? options?.delaySeconds);
      return { metadata: { metrics } };
    },
    metrics: async () => metrics,
  };
}

/** A batch of messages as a consumer gets it, which of them it acknowledged, and after how many seconds it wants others again. */
export function batchOf(bodies: readonly unknown[]) {
  const acked: number[] = [];
  const retried: { index: number; delaySeconds: number }[] = [];
  const messages = bodies.map((body, index) => ({
    id: String(index),
    timestamp: new Date(),
    attempts: 1,
    body,
    ack: () => void acked.push(index),
    retry: ({ delaySeconds = 0 }: QueueRetryOptions = {}) =>
      void retried.push({ index, delaySeconds }),
  }));
  const batch: MessageBatch = {
    queue: "bench",
    messages,
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
    ackAll: () => {},
    retryAll: () => {},
  };
  return { batch, acked, retried };
}
