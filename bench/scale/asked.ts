/** What the bench's Worker is asked to do: a call of the API, or a batch of events to store. */
export type Asked =
  | { method: string; path: string; key: string; body?: unknown }
  | { store: unknown[] };
