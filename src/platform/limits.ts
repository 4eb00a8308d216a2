/** A limit of what one account may store. */
export interface AccountLimit {
  /** What is counted, as the documentation names it. */
  what: string;
  /** Things, or bytes where `unit` says so. */
  most: number;
  unit?: "bytes";
  /** The budget starts again each hour or day; without it the limit is of what is there at a time. */
  per?: "hour" | "day";
  /** The error code past it, of `ERRORS`; null where nothing is refused. */
  code: string | null;
  /** Anything else that a caller must know, as a sentence. */
  note?: string;
}

const KB = 1024;

/**
 * What one account may store: the code that refuses reads its numbers here, and docs/limits.md shows them
 * (`npm run generate` writes the table there).
 */
export const LIMITS = {
  sims: {
    what: "SIMs",
    most: 100_000,
    code: "sim_limit_reached",
    note: "`SIMS_PER_ACCOUNT` of the deployment; SIMs whose card the operator issued to the account are always made.",
  },
  auditBytes: {
    what: "bytes of the audit log",
    most: 20_000_000,
    unit: "bytes",
    per: "hour",
    code: "change_budget_spent",
    note: "The change is not made; keys can still be revoked. A changed label takes some 300 bytes, so this is 65,000 of them.",
  },
  idempotencyKeys: {
    what: "Idempotency-Keys used",
    most: 40_000,
    per: "hour",
    code: "idempotency_budget_spent",
    note: "The call is not made; without the header it is.",
  },
  idempotencyBytes: {
    what: "bytes of answers above 2 KB that are kept for an Idempotency-Key",
    most: 32_000_000,
    unit: "bytes",
    per: "hour",
    code: null,
    note: "The change is made; its repeat is `idempotency_answer_not_kept`.",
  },
  connectors: { what: "connectors", most: 500, code: "connector_limit_reached" },
  connectorSecret: {
    what: "bytes of a connector's secret",
    most: 16 * KB,
    unit: "bytes",
    code: "options_invalid",
  },
  networkLists: { what: "network lists", most: 500, code: "network_whitelist_limit_reached" },
  tags: { what: "tags", most: 500, code: "tag_limit_reached" },
  tagsOfSim: {
    what: "tags of a SIM",
    most: 100,
    code: "tag_limit_reached",
    note: "A list of more is `tags_invalid`, for a connector, a network list, a webhook and a key, too.",
  },
  webhooks: { what: "webhooks", most: 50, code: "webhook_limit_reached" },
  deliveryLogBytes: {
    what: "bytes of the delivery log",
    most: 25_000_000,
    unit: "bytes",
    per: "day",
    code: null,
    note: "Tries past it are made and counted, and not listed: `unlisted` of the log says how many. A try takes some 210 bytes, so this is 120,000 of them.",
  },
  webhookSecrets: {
    what: "older secrets that still sign for a webhook",
    most: 5,
    code: "secret_limit_reached",
  },
  keys: {
    what: "keys",
    most: 100,
    code: "key_limit_reached",
    note: "Revoked keys do not count, nor those that expired more than a day ago.",
  },
  keysMade: { what: "keys made", most: 1000, per: "day", code: "key_limit_reached" },
} as const satisfies Record<string, AccountLimit>;
