/** What a key may be made for. None includes another: writing does not include reading. */
export const SCOPES = [
  "sims:read",
  "sims:write",
  "usage:read",
  "webhooks:read",
  "webhooks:write",
  "connectors:read",
  "connectors:write",
  "keys:write",
  "audit:read",
] as const;
export type Scope = (typeof SCOPES)[number];

/** Every scope, those that come later too. */
export const EVERYTHING = "*";

/** What a key's list of scopes may hold. */
export const GRANTS = [...SCOPES, EVERYTHING] as const;

/** Whether a key of these scopes may do what needs `scope`. */
export function includes(scopes: readonly string[], scope: string): boolean {
  return scopes.includes(scope) || scopes.includes(EVERYTHING);
}
