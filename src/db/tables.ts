/** Every table. Times are milliseconds since 1970 UTC, amounts of data are bytes. */
export * from "./tables/accounts";
export * from "./tables/audit";
export * from "./tables/connectors";
export * from "./tables/events";
export * from "./tables/idempotency";
export * from "./tables/replays";
export * from "./tables/sims";
export * from "./tables/usage";
export * from "./tables/webhooks";
