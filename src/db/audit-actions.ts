/** What the audit log tells of, by thing: the triggers of the tables write these. */
export const ACTIONS = [
  "account.created",
  "account.changed",
  "account.resealed",
  "key.created",
  "key.changed",
  "key.revoked",
  "card.issued",
  "card.withdrawn",
  "sim.created",
  "sim.changed",
  "sim.deleted",
  "connector.created",
  "connector.changed",
  "connector.deleted",
  "network_whitelist.created",
  "network_whitelist.changed",
  "network_whitelist.deleted",
  "tag.created",
  "tag.changed",
  "tag.deleted",
  "webhook.created",
  "webhook.changed",
  "webhook.disabled",
  "webhook.secret_rotated",
  "webhook.deleted",
] as const;
export type Action = (typeof ACTIONS)[number];

/** The part before the dot: `sim` for all that was done to SIMs. */
export const THINGS: ReadonlySet<string> = new Set(ACTIONS.map((action) => action.split(".")[0]!));
