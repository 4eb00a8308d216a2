/** Tells one run's rows from every other's: 53 random bits. */
export function randomRun(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}
