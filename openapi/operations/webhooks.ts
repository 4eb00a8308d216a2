import { done } from "../done";
import { cursorTo, EVENT, SIM, TAG, TAG_ANSWER, TIME, WEBHOOK } from "../examples";
import { named } from "../json-schema";
import type { Parameter, Section } from "../operation";
import {
  NewWebhook,
  ReplayCount,
  RotatedSecret,
  TestResult,
  Webhook,
  Webhooks,
} from "../../src/api/webhooks/responses";
import { DeliveryPage, RunningReplay } from "../../src/pipeline/delivery/responses";
import { ReplayInput } from "../../src/pipeline/delivery/replay";
import { WebhookInput, WebhookPatch } from "../../src/api/webhooks/schemas";
import { TestInput } from "../../src/api/webhooks/send-test";

const FIELDS = {
  url: "Where to POST: https on port 443, to a public name; `{type}` in it becomes the event's type.",
  authorization: "Sent as the `Authorization` header; never read back. Or null.",
  label: "1 to 100 characters, or null.",
  active: "false: nothing is sent.",
  exclude_types: "Event types that are not sent, by the names of either payload.",
  retry: "What becomes of an event that is not accepted: `none` drops it, `standard` tries again.",
  tags: "Only events of SIMs that carry one of these tags are sent; none: those of all SIMs.",
  payload: "`classic`: the specification's fields; `fleet`: the fleet API's objects.",
};
named(WebhookInput, "WebhookInput", "What makes a webhook.", FIELDS);
named(WebhookPatch, "WebhookPatch", "What changes a webhook: what is left out stays.", FIELDS);
named(ReplayInput, "ReplayInput", "Which events a webhook is to be sent again.", {
  since: "From this time on, inclusive.",
  until: "Before this time; now unless given.",
  status: "Those that the delivery log has an entry of this status for. Left out: all of the feed.",
  type: "An event type; those that the webhook does not exclude unless given.",
  sim_id: "One SIM; all unless given.",
  dry_run: "true: only counts.",
});
named(TestInput, "TestInput", "Which event to send.", { type: "An event type." });

const IS_SET = { is_set: true, last_updated_at: TIME };
const WEBHOOK_ANSWER = {
  id: WEBHOOK,
  url: "https://www.example.com/{type}",
  label: null,
  active: true,
  exclude_types: [],
  tags: [TAG_ANSWER],
  payload: "classic",
  retry: "standard",
  disabled_at: null,
  disabled_reason: null,
  meta: { authorization: { is_set: false, last_updated_at: null }, secret: IS_SET },
};
const SECRET = "whsec_MSQRQ+IFUDfJh4GDwAE9x+0fJLHHDGO30YMV9HWdlr0=";
const ID: Parameter = { what: "The webhook's id.", example: WEBHOOK };

/** `/webhooks`. */
export const webhookOperations: Section = {
  tag: "Webhooks",
  what: "Endpoints of yours that are sent each event of the account's SIMs, signed; their deliveries, replays and tests.",
  operations: {
    "GET /webhooks": {
      id: "listWebhooks",
      summary: "List webhooks",
      description: "The account's webhooks, oldest first.",
      answers: {
        200: { what: "The webhooks.", schema: Webhooks, examples: { one: [WEBHOOK_ANSWER] } },
      },
    },
    "POST /webhooks": {
      id: "createWebhook",
      summary: "Make a webhook",
      description: "Makes a webhook. The answer is the only one to show its signing secret.",
      bodies: {
        least: { url: "https://www.example.com/{type}" },
        fleet: {
          url: "https://www.example.com/hook",
          authorization: "Bearer s3cret",
          label: "Production",
          exclude_types: ["location"],
          retry: "standard",
          tags: [TAG],
          payload: "fleet",
        },
      },
      answers: {
        200: {
          what: "The webhook, with its signing secret.",
          schema: NewWebhook,
          examples: { made: { ...WEBHOOK_ANSWER, secret: SECRET } },
        },
      },
      errors: ["tag_forbidden", "tag_not_found", "webhook_limit_reached"],
    },
    "GET /webhooks/:id": {
      id: "getWebhook",
      summary: "Read a webhook",
      description: "Answers the webhook; of its secrets only whether they are set, and since when.",
      parameters: { id: ID },
      answers: {
        200: { what: "The webhook.", schema: Webhook, examples: { webhook: WEBHOOK_ANSWER } },
      },
      errors: ["webhook_not_found"],
    },
    "PATCH /webhooks/:id": {
      id: "changeWebhook",
      summary: "Change a webhook",
      description:
        "Changes what the body names. `active: true` switches one on again that was switched off by itself.",
      parameters: { id: ID },
      bodies: { switchedOn: { active: true }, retried: { retry: "standard", label: "Production" } },
      answers: {
        200: {
          what: "The webhook as it is then.",
          schema: Webhook,
          examples: { webhook: WEBHOOK_ANSWER },
        },
      },
      errors: ["tag_forbidden", "webhook_not_found", "tag_not_found"],
    },
    "DELETE /webhooks/:id": {
      id: "deleteWebhook",
      summary: "Delete a webhook",
      description: "Deletes the webhook; what still waits to be sent to it is dropped.",
      parameters: { id: ID },
      answers: { 200: done("It is deleted.") },
      errors: ["tag_forbidden", "webhook_not_found"],
    },
    "POST /webhooks/:id/rotate-secret": {
      id: "rotateWebhookSecret",
      summary: "Rotate the signing secret",
      description:
        "A new signing secret, shown only here. The one before signs beside it for 24 hours.",
      parameters: { id: ID },
      answers: {
        200: {
          what: "The new secret.",
          schema: RotatedSecret,
          examples: { rotated: { secret: SECRET, previous_secret_until: TIME } },
        },
      },
      errors: ["tag_forbidden", "webhook_not_found", "secret_limit_reached"],
    },
    "GET /webhooks/:id/deliveries": {
      id: "listDeliveries",
      summary: "Read the delivery log",
      description:
        "Each try of the last 7 days, newest first. A filter may leave a page shorter than `limit` although there is more: go by `has_more`.",
      parameters: {
        id: ID,
        status: { what: "How the delivery ended.", example: "failed" },
        type: { what: "An event type.", example: "usage" },
        sim_id: { what: "One SIM.", example: SIM },
        next_page: {
          what: "The cursor of the page before.",
          example: cursorTo([1_795_493_586_835, 1]),
        },
      },
      answers: {
        200: {
          what: "A page of deliveries.",
          schema: DeliveryPage,
          examples: {
            page: {
              deliveries: [
                {
                  event_id: EVENT,
                  type: "usage",
                  sim_id: SIM,
                  attempt: 1,
                  time: TIME,
                  status: "accepted",
                  response_status: 204,
                  failure: null,
                  duration_ms: 10,
                },
              ],
              pagination: { has_more: true, next_page: cursorTo([1_795_493_586_835, 1]) },
              unlisted: 0,
            },
          },
        },
      },
      errors: ["tag_forbidden", "webhook_not_found"],
    },
    "POST /webhooks/:id/replay": {
      id: "replayEvents",
      summary: "Send events again",
      description:
        "Sends events to the webhook again, with their own `webhook-id`: up to 100 a second for all replays of an account. One replay of a webhook runs at a time.",
      parameters: { id: ID },
      bodies: {
        counted: { since: "2026-11-24T04:13:04Z", dry_run: true },
        failed: { since: "2026-11-24 04:13:04", status: "failed", type: "usage", sim_id: SIM },
      },
      answers: {
        200: {
          what: "How many it would send.",
          schema: ReplayCount,
          examples: { two: { events: 2 } },
        },
        202: { what: "How many it sends.", schema: ReplayCount, examples: { one: { events: 1 } } },
      },
      errors: [
        "webhook_loop",
        "tag_forbidden",
        "webhook_not_found",
        "webhook_inactive",
        "replay_in_progress",
        "replay_too_large",
      ],
    },
    "GET /webhooks/:id/replay": {
      id: "getReplay",
      summary: "Read a replay's progress",
      description: "How far the webhook's running replay has come.",
      parameters: { id: ID },
      answers: {
        200: {
          what: "The replay.",
          schema: RunningReplay,
          examples: { begun: { events: 12_000, sent: 1_500, started_at: TIME } },
        },
      },
      errors: ["tag_forbidden", "webhook_not_found", "replay_not_found"],
    },
    "DELETE /webhooks/:id/replay": {
      id: "cancelReplay",
      summary: "Cancel a replay",
      description: "Ends the webhook's running replay; what its current step is sending is sent.",
      parameters: { id: ID },
      answers: { 200: done("It is ended.") },
      errors: ["tag_forbidden", "webhook_not_found", "replay_not_found"],
    },
    "POST /webhooks/:id/test": {
      id: "testWebhook",
      summary: "Send a test event",
      description:
        "Sends a sample event now, signed, with `x-simplane-test: true`, also to a webhook that is switched off. Nothing is stored.",
      parameters: { id: ID },
      bodies: { usage: { type: "usage" } },
      answers: {
        200: {
          what: "What the endpoint made of it.",
          schema: TestResult,
          examples: {
            accepted: {
              event_id: "evt_test_aeb65911-416a-4cd1-9d5c-6e1a8fe28534",
              accepted: true,
              response_status: 204,
              failure: null,
              duration_ms: 3,
              response: "",
            },
          },
        },
      },
      errors: ["webhook_loop", "tag_forbidden", "webhook_not_found"],
    },
  },
};
