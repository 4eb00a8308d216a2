import { ACCOUNT, cursorTo, KEY, SIM } from "../examples";
import type { Answer, Parameter, Section } from "../operation";
import { AuditPage } from "../../src/api/audit-log/responses";

const ENTRY = {
  id: "1795575521749000",
  time: "2026-11-25T02:58:41.749Z",
  actor: { type: "key", key_id: KEY },
  address: "192.0.2.7",
  request_id: "9ff9c664-a296-4427-917c-975bca83a35c",
  action: "sim.changed",
  subject: SIM,
  sim_id: SIM,
  before: { label: "drone-1" },
  after: { label: "drone-2" },
};
const PAGE = cursorTo(1_795_575_521_749_000);

const PARAMETERS: Record<string, Parameter> = {
  actor: { what: "`operator`, `system`, or a key's id.", example: KEY },
  action: { what: "An action, or the part before its dot: `sim`.", example: "sim" },
  sim_id: { what: "One SIM, and its card.", example: SIM },
  format: { what: "`ndjson`: all that the filters ask for, an entry a line.", example: "ndjson" },
  next_page: { what: "The cursor of the page before.", example: PAGE },
};
const ANSWERS: Record<number, Answer> = {
  200: {
    what: "A page of entries; as `application/x-ndjson` all of them.",
    schema: AuditPage,
    examples: { page: { entries: [ENTRY], pagination: { has_more: true, next_page: PAGE } } },
    lines: `${JSON.stringify(ENTRY)}\n`,
  },
};

/** `/audit-log`. */
export const auditOperations: Section = {
  tag: "Audit log",
  what: "Who changed what of the account, when, from where, and what it was before.",
  operations: {
    "GET /audit-log": {
      id: "listAuditLog",
      summary: "Read the audit log",
      description:
        "The account's entries, newest first. With `Accept: application/x-ndjson` or `format=ndjson` the answer is all of them, a line each.",
      parameters: PARAMETERS,
      answers: ANSWERS,
    },
  },
};

/** `/operator/audit-log`. */
export const operatorAuditOperations: Section = {
  tag: "Operator: audit log",
  what: "The audit log of any account.",
  operations: {
    "GET /operator/audit-log": {
      id: "listAccountAuditLog",
      summary: "Read an account's audit log",
      description: "The same as `GET /audit-log`, of whichever account is asked for.",
      parameters: { ...PARAMETERS, account_id: { what: "The account's id.", example: ACCOUNT } },
      answers: ANSWERS,
      errors: ["account_not_found"],
    },
  },
};
