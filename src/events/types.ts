/** The types of the events that there are, each with its schema in catalogue.ts. */
export const EVENT_TYPES = [
  "usage",
  "network-validation",
  "network-registration",
  "network-deregistration",
  "location",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];
