/** When events were called in, and when their receiver first had them. */
export interface Receipts {
  called(id: string): void;
  received(id: string): void;
  /** Resolves when everything called in has been received. Rejects after so long. */
  all(withinMs: number): Promise<void>;
  latencies(): number[];
}

export function startReceipts(): Receipts {
  const calls = new Map<string, number>();
  const latencies: number[] = [];
  let emptied: (() => void) | undefined;
  return {
    called: (id) => void calls.set(id, performance.now()),
    received(id) {
      const call = calls.get(id);
      if (call === undefined) return;
      calls.delete(id);
      latencies.push(performance.now() - call);
      if (calls.size === 0) emptied?.();
    },
    async all(withinMs) {
      if (calls.size === 0) return;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${calls.size} events were not received`)),
          withinMs,
        );
        emptied = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    latencies: () => latencies,
  };
}

/** The value that `percent` of the values do not pass. */
export function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new Error("no values");
  return value;
}
