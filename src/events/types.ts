/** The types of the events that there are, each with its schema in catalogue.ts. */
export const EVENT_TYPES = [
  "usage",
  "network-validation",
  "network-registration",
  "network-deregistration",
  "location",
] as const;
/** What a usage record is of its session; `correct` mends one that was reported before. */
export const OPERATIONS = ["start", "update", "finalize", "correct"] as const;
export type EventType = (typeof EVENT_TYPES)[number];
