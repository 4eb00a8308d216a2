/** What the bench's Worker is asked to do: to send itself so many unknown keys from one IPv6 /64. */
export interface Asked {
  network: string;
  keys: number;
}
