import { done } from "./done";
import { accountOperations } from "../accounts/operations";
import { auditOperations, operatorAuditOperations } from "../audit/operations";
import { classicConnectorOperations, fleetConnectorOperations } from "../connectors/operations";
import {
  eventOperations,
  networkLogOperations,
  operatorEventOperations,
} from "../events/operations";
import { healthOperations } from "../health/operations";
import { keyOperations } from "../keys/operations";
import { networkListOperations } from "../network-lists/operations";
import { resealOperations } from "../reseal/operations";
import { cardOperations } from "../sims/card-operations";
import { classicSimOperations } from "../sims/classic-operations";
import { fleetSimOperations } from "../sims/fleet-operations";
import { tagOperations } from "../tags/operations";
import { usageOperations } from "../usage/operations";
import { webhookOperations } from "../webhooks/operations";
import type { Section } from "./operation";

const root: Section = {
  tag: "Key",
  what: "Whether a key is good.",
  operations: {
    "GET /": {
      id: "checkKey",
      summary: "Check a key",
      description:
        "Answers when the key is good, whatever its scopes. A browser without a key is sent to `/docs` (302).",
      answers: { 200: done("It is good.") },
    },
  },
};

/** All that is documented, in the order in which it is shown. */
export const SECTIONS: readonly Section[] = [
  root,
  classicSimOperations,
  classicConnectorOperations,
  fleetSimOperations,
  fleetConnectorOperations,
  networkListOperations,
  tagOperations,
  usageOperations,
  networkLogOperations,
  eventOperations,
  webhookOperations,
  auditOperations,
  keyOperations,
  accountOperations,
  cardOperations,
  operatorEventOperations,
  operatorAuditOperations,
  resealOperations,
  healthOperations,
];
