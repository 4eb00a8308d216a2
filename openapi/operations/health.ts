import { done } from "../done";
import { TIME } from "../examples";
import type { Section } from "../operation";
import { Health } from "../../src/api/operator/health/responses";

const EMPTY = { ok: true, backlog: 0, bytes: 0, oldest_at: null };
const WELL = {
  ok: true,
  database: { ok: true, ms: 6, bytes: 734_003_200 },
  key_cache: { ok: true, ms: 11 },
  queues: {
    events: { ok: true, backlog: 3, bytes: 48_211, oldest_at: TIME },
    deliveries: EMPTY,
    deliveries_slow: { ok: true, backlog: 120, bytes: 5_242_880, oldest_at: TIME },
    replays: EMPTY,
    events_dead: EMPTY,
    deliveries_dead: EMPTY,
  },
  unmatched: {
    ok: true,
    waiting: 2,
    dead_lettered: 0,
    oldest_at: TIME,
    bytes: 812,
    dropped: 0,
    expired: 0,
  },
};

/** `/healthz` and `/operator/health`. */
export const healthOperations: Section = {
  tag: "Health",
  what: "Whether the deployment does its work.",
  operations: {
    "GET /healthz": {
      id: "checkHealth",
      summary: "Whether the Worker answers",
      description:
        "For load balancers: needs no key, asks nothing of the parts behind the Worker, and is answered by http too.",
      answers: { 200: done("It answers.") },
      errors: ["method_not_allowed"],
    },
    "GET /operator/health": {
      id: "checkParts",
      summary: "How the parts do",
      description:
        "Asks the database, the key cache and the queues; each has three seconds. A part that fails is only said to: why is in the log.",
      answers: {
        200: { what: "All parts are well.", schema: Health, examples: { well: WELL } },
        503: {
          what: "A part failed.",
          schema: Health,
          examples: {
            down: {
              ...WELL,
              ok: false,
              database: { ok: false, ms: null, bytes: null },
              unmatched: {
                ok: false,
                waiting: null,
                dead_lettered: null,
                oldest_at: null,
                bytes: null,
                dropped: null,
                expired: null,
              },
            },
          },
        },
      },
    },
  },
};
