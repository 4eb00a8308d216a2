/** How a queue hands out its messages, as wrangler.toml says it. */
export interface QueueRules {
  batchSize: number;
  batchTimeoutMs: number;
  /** Consumer invocations side by side. */
  invocations: number;
  consume: (messages: unknown[]) => Promise<void>;
}

interface Waiting {
  body: unknown;
  due: number;
}

/** Plays a queue: a batch goes out when it is full or its oldest message has waited long enough. */
export class QueuePlayer {
  private waiting: Waiting[] = [];
  private running = 0;

  constructor(private readonly rules: QueueRules) {}

  put(body: unknown, delaySeconds: number): void {
    this.waiting.push({ body, due: performance.now() + delaySeconds * 1000 });
  }

  /** Starts the batches that are due; rejections go to `failed`. */
  tick(failed: (error: unknown) => void): void {
    const { batchSize, batchTimeoutMs, invocations, consume } = this.rules;
    while (this.running < invocations) {
      const now = performance.now();
      const due = this.waiting.filter((message) => message.due <= now);
      const batch = due.slice(0, batchSize);
      const oldest = Math.min(...batch.map((message) => message.due));
      if (batch.length === 0) return;
      if (batch.length < batchSize && now - oldest < batchTimeoutMs) return;
      const taken = new Set(batch);
      this.waiting = this.waiting.filter((message) => !taken.has(message));
      this.running += 1;
      consume(batch.map(({ body }) => body))
        .catch(failed)
        .finally(() => (this.running -= 1));
    }
  }
}
