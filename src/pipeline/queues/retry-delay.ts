/** Seconds before a failed message is tried again: 2, 4, 8 ... up to 5 minutes. `attempts` counts the tries so far. */
export function retryDelay(attempts: number): number {
  return Math.min(2 ** attempts, 300);
}
