/** An account's key, a signing secret, and the operator's key as `npm start` makes one. */
const SECRETS = /\b(?:sp_[0-9A-Za-z]{40}|op_[0-9a-f]{48}|whsec_[0-9A-Za-z+/=]+)/g;

/** Text for stderr without secrets: those that look like one, and those that are known. */
export function redact(text: string, known: readonly (string | undefined)[]): string {
  return known
    .filter((secret) => secret !== undefined && secret.length > 3)
    .reduce<string>((left, secret) => left.replaceAll(secret ?? "", "***"), text)
    .replace(SECRETS, "***");
}
