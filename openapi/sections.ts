import { done } from "./done";
import { accountOperations } from "./operations/operator-accounts";
import { auditOperations, operatorAuditOperations } from "./operations/audit-log";
import { classicConnectorOperations, fleetConnectorOperations } from "./operations/connectors";
import {
  eventOperations,
  networkLogOperations,
  operatorEventOperations,
} from "./operations/events";
import { healthOperations } from "./operations/health";
import { keyOperations } from "./operations/keys";
import { networkListOperations } from "./operations/network-whitelists";
import { resealOperations } from "./operations/reseal";
import { cardOperations } from "./operations/operator-sims";
import { classicSimOperations } from "./operations/sim";
import { fleetSimOperations } from "./operations/sims";
import { tagOperations } from "./operations/tags";
import { usageOperations } from "./operations/usage";
import { webhookOperations } from "./operations/webhooks";
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
