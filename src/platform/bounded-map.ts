/**
 * A map in an isolate's memory with at most `most` entries: a new entry takes the place of the one that was set longest ago.
 * An entry ends `ttlMs` after it was set.
 */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, { value: Value; until: number }>();
  readonly #most: number;
  readonly #ttlMs: number;

  constructor(most: number, ttlMs = Infinity) {
    this.#most = most;
    this.#ttlMs = ttlMs;
  }

  get(key: Key, now = Date.now()): Value | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.until > now ? entry.value : undefined;
  }

  set(key: Key, value: Value, now = Date.now()): void {
    // A Map keeps its keys in the order in which they were added.
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: now + this.#ttlMs });
    if (this.#entries.size <= this.#most) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Removes each entry whose value matches. */
  deleteWhere(matches: (value: Value) => boolean): void {
    for (const [key, { value }] of this.#entries) if (matches(value)) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
