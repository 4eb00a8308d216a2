import type { Env } from "../../src/platform/env";

/** A limit of the platform that lets so many calls of each key through; its minute does not end. */
export function givenLimit(most: number): RateLimit & { counts: Map<string, number> } {
  const counts = new Map<string, number>();
  return {
    counts,
    async limit({ key }) {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return { success: count <= most };
    },
  };
}

/** The limits of guesses as wrangler.toml has them, for one test alone. */
export function givenGuessLimits() {
  return {
    UNKNOWN_KEYS: givenLimit(60),
    UNKNOWN_KEYS_OVER: givenLimit(10),
    UNKNOWN_KEYS_ALL: givenLimit(600),
  } satisfies Partial<Env>;
}
