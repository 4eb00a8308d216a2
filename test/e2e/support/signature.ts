/** The headers that a signature is verified by. */
export function signatureOf(headers: NodeJS.Dict<string | string[]> = {}): Record<string, string> {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  return Object.fromEntries(names.map((name) => [name, String(headers[name])]));
}
