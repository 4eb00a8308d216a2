import { done } from "../done";
import { CLASSIC_TIME, cursorTo, EVENT, ICCID, LAST_PAGE, SIM, TIME, UNMATCHED } from "../examples";
import { named } from "../json-schema";
import type { Section } from "../operation";
import { Time, TimeOrDate } from "../../src/platform/time";
import {
  FeedPage,
  NetworkLog,
  PublicEvent,
  Removed,
  Report,
  Retried,
  UnmatchedPage,
} from "../event-responses";
import { Event, SAMPLES, serializeEvent } from "../../src/events/schemas";

named(
  Time,
  "Time",
  "`YYYY-MM-DD HH:MM:SS` (UTC), or ISO 8601 with a zone. Seconds may be left out or have a fraction; zones are `Z`, `+01:00`, `+0100` or `+01`.",
);
named(TimeOrDate, "TimeOrDate", "A time, or a date alone, which is its first moment in UTC.");
named(
  Event,
  "ReportedEvent",
  "An event as the core network reports it. `network-authentication` is taken for `network-validation`, and the country of `network` where `country_code` is left out. In all that is optional, null and an empty text mean that it is absent.",
);

for (const kind of Event.options) {
  const type = kind.shape.type.value;
  const name = type.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  named(kind, `Reported${name}`, `An event of the type \`${type}\` as it is reported.`);
}

const USAGE = {
  id: EVENT,
  type: "usage",
  data: {
    time: CLASSIC_TIME,
    bill_id: "1234567890-1234",
    sim_id: SIM,
    country_code: "dk",
    operation: "finalize",
    upload: "1024",
    download: "4096",
  },
};
const REPORTED = {
  type: "usage",
  time: CLASSIC_TIME,
  bill_id: "1234567890-1234",
  sim_id: SIM,
  country_code: "dk",
  operation: "finalize",
  upload: 1024,
  download: "4096",
};
const AFTER = cursorTo([1_795_493_585_806, 1]);

/** `/events`: the feed. */
export const eventOperations: Section = {
  tag: "Events",
  what: "What an account's webhooks are told, to read instead or again: every event of its SIMs, once, for 7 days.",
  operations: {
    "GET /events": {
      id: "listEvents",
      summary: "Read the feed",
      description:
        "Events in the order in which they were stored. `next_page` is there on the last page too: pass it as `after` for what is stored later.",
      parameters: {
        after: {
          what: "The `next_page` of an earlier answer: what comes behind it.",
          example: AFTER,
        },
        since: {
          what: "Without `after`: what was stored from this time on.",
          example: "2026-11-24T00:00:00Z",
        },
      },
      answers: {
        200: {
          what: "A page of events.",
          schema: FeedPage,
          examples: {
            page: { events: [USAGE], pagination: { has_more: false, next_page: AFTER } },
          },
        },
      },
    },
    "GET /events/:id": {
      id: "getEvent",
      summary: "Read an event",
      description: "One event by its `webhook-id`, for as long as it is stored.",
      parameters: { id: { what: "The event's id, URL-encoded.", example: EVENT } },
      answers: { 200: { what: "The event.", schema: PublicEvent, examples: { usage: USAGE } } },
      errors: ["event_not_found"],
    },
  },
};

/** `/network-logs` of the fleet API. */
export const networkLogOperations: Section = {
  tag: "Network log",
  what: "A SIM's authentications, registrations and deregistrations.",
  operations: {
    "GET /network-logs/:sim_id": {
      id: "listNetworkLog",
      summary: "Read a SIM's network log",
      description: "A SIM's network events, oldest first.",
      parameters: {
        sim_id: {
          what: "The SIM's id, or its ICCID (18 to 22 digits) with or without the check digit.",
          example: SIM,
        },
        timestamp: {
          what: "From then on, inclusive: a time with its zone, or a date (its beginning in UTC).",
          example: "2026-11-24",
        },
      },
      answers: {
        200: {
          what: "The entries.",
          schema: NetworkLog,
          examples: {
            registered: {
              docs: [
                {
                  id: "evt_mwu6is1s_192837465_00ecb8ff35f99003",
                  time: TIME,
                  sim_id: SIM,
                  iccid: ICCID,
                  imei: "358299840000001",
                  status: null,
                  reason: null,
                  network_type: "LTE",
                  network: {
                    name: "TDC",
                    country: "Denmark",
                    country_code: "DK",
                    mcc: "238",
                    mnc: "01",
                  },
                  log_type: "network-registration",
                },
              ],
            },
          },
        },
      },
      errors: ["sim_not_found"],
    },
  },
};

const RETRIED = { what: "They are back on the queue." };

/** `/operator/events`. */
export const operatorEventOperations: Section = {
  tag: "Operator: events",
  what: "What the core network reports, and what of it could not be stored.",
  operations: {
    "POST /operator/events": {
      id: "reportEvents",
      summary: "Report events",
      description:
        "1 to 1,000 events, or as `application/x-ndjson` 1 to 10,000, one a line. Each is checked on its own: those that are wrong are named by their index, the others are queued, and stored and sent on within seconds. The same event reported twice counts once; the same identity with another content is kept under unmatched (`id_conflict`), and an event from before what is kept, too (`time_too_old`). A usage event of `operation: correct` mends the record that `replaces` names. Fields that decorate an event (`network`, `network_type`, `location`, `status`, `reason`, `country_code_previous`) never refuse it: a value that does not parse is left out and named in `warnings`.",
      bodies: {
        usage: { events: [REPORTED] },
        every: { events: Object.values(SAMPLES).map(serializeEvent) },
      },
      lines: `${JSON.stringify(REPORTED)}\n${JSON.stringify(serializeEvent(SAMPLES.location))}\n`,
      answers: {
        202: {
          what: "How many are queued, and why others are not.",
          schema: Report,
          examples: {
            all: { accepted: 1, rejected: [] },
            some: { accepted: 1, rejected: [{ index: 1, error: "time_invalid" }] },
            warned: {
              accepted: 1,
              rejected: [],
              warnings: [{ index: 0, field: "network.mnc", error: "network_invalid" }],
            },
          },
        },
      },
    },
    "GET /operator/events/unmatched": {
      id: "listUnmatchedEvents",
      summary: "List unmatched events",
      description: "What is kept aside because it could not be stored or sent, oldest first.",
      parameters: { next_page: { what: "The cursor of the page before.", example: cursorTo(1) } },
      answers: {
        200: {
          what: "A page of events.",
          schema: UnmatchedPage,
          examples: {
            page: {
              events: [
                { id: UNMATCHED, reason: "sim_not_found", received_at: TIME, event: REPORTED },
                {
                  id: String(Number(UNMATCHED) + 1),
                  reason: "id_conflict",
                  received_at: TIME,
                  event: { ...REPORTED, upload: 250 },
                  stored: REPORTED,
                },
              ],
              pagination: LAST_PAGE,
            },
          },
        },
      },
    },
    "DELETE /operator/events/unmatched": {
      id: "removeUnmatchedEvents",
      summary: "Remove many unmatched events",
      description:
        "Removes the oldest `limit` of a reason, of a SIM (those that no account had the SIM for, unless `reason` is given), or of both; one of the two must be given.",
      parameters: {
        reason: { what: "The reason that they are kept for.", example: "sim_not_found" },
        sim_id: { what: "Their SIM.", example: SIM },
        limit: { what: "Events that one call removes, 1 to 1,000.", example: 1000 },
        next_page: { what: "The cursor of the call before.", example: cursorTo(1) },
      },
      answers: {
        200: {
          what: "How many were removed.",
          schema: Removed,
          examples: { one: { removed: 1, pagination: LAST_PAGE } },
        },
      },
    },
    "DELETE /operator/events/unmatched/:id": {
      id: "removeUnmatchedEvent",
      summary: "Remove an unmatched event",
      description: "Removes one for good.",
      parameters: { id: { what: "Its id in the list.", example: UNMATCHED } },
      answers: { 200: done("It is removed.") },
      errors: ["unmatched_not_found"],
    },
    "POST /operator/events/unmatched/retry": {
      id: "retryUnmatchedEvents",
      summary: "Retry many unmatched events",
      description:
        "Puts the oldest `limit` back on the queue: those of a reason, of a SIM (those that no account had the SIM for, unless `reason` is given), of both, or all. Messages that are no events are left out unless `reason` names them, and what is too large for a queue always. A call looks at 5,000 events at most: go by `has_more`. With the reason `id_conflict`, `as` decides them: `another` or `replacement`.",
      bodies: {
        some: { reason: "sim_not_found", limit: 100 },
        ofSim: { sim_id: SIM },
        conflicts: { reason: "id_conflict", as: "another" },
      },
      answers: {
        202: {
          ...RETRIED,
          schema: Retried,
          examples: { one: { retried: 1, pagination: LAST_PAGE } },
        },
      },
    },
    "POST /operator/events/unmatched/:id/retry": {
      id: "retryUnmatchedEvent",
      summary: "Retry an unmatched event",
      description:
        "Puts one back on the queue; it leaves the list once it is stored. Of an `id_conflict`, `as` decides: `another` counts it as well as the stored event, `replacement` in its place. Without it, it stays aside unless the stored event says the same by now.",
      bodies: { plain: {} },
      parameters: { id: { what: "Its id in the list.", example: UNMATCHED } },
      answers: {
        202: done("It is back on the queue."),
      },
      errors: ["unmatched_not_found", "unmatched_not_retriable"],
    },
  },
};
