/** What the bench's Worker is asked to do: a call of the API, or a step of a replay at a time (ms). */
export type Asked =
  | { method: string; path: string; key: string; body?: unknown }
  | { step: unknown; now: number };
