import { Hono } from "hono";
import { requestId } from "hono/request-id";
import { auditRoutes, operatorAudit } from "./api/audit-log/routes";
import { classicConnectors } from "./api/connectors/classic";
import { fleetConnectors } from "./api/connectors/fleet";
import { eventRoutes } from "./api/feed/routes";
import { keyRoutes } from "./api/keys/routes";
import { networkLogRoutes } from "./api/network-logs/routes";
import { networkListRoutes } from "./api/network-whitelists/routes";
import { operatorAccounts } from "./api/operator/accounts/routes";
import { operatorEvents } from "./api/operator/events";
import { operatorHealth } from "./api/operator/health/routes";
import { operatorReseal } from "./api/operator/reseal/routes";
import { operatorSims } from "./api/operator/sims";
import { classicSims } from "./api/sims/classic/routes";
import { fleetSims } from "./api/sims/routes";
import { tagRoutes } from "./api/tags/routes";
import { usageRoutes } from "./api/usage/routes";
import { webhookDeliveryRoutes } from "./api/webhooks/delivery-routes";
import { webhookRoutes } from "./api/webhooks/routes";
import { toDocs } from "./http/to-docs";
import { OK } from "./platform/ok";
import { key } from "./request/callers";
import { corsForPages } from "./request/cors";
import { httpsOnly } from "./request/https-only";
import { logRequests } from "./request/log";
import { measureDatabase } from "./request/measure";
import { methodNotAllowed } from "./request/method-not-allowed";
import { answer, onError } from "./request/on-error";
import { responseHeaders } from "./request/response-headers";
import type { Keyed } from "./request/types";

export const app = new Hono<Keyed>();

// Each call passes these steps, in this order. `responseHeaders` sends the id of the request.
app.use(
  requestId({ generator: () => crypto.randomUUID(), headerName: "" }),
  measureDatabase,
  logRequests,
  responseHeaders,
  corsForPages,
  methodNotAllowed(app),
);
// Load balancers may ask over http.
app.get("/healthz", (c) => c.json(OK, 200, { "cache-control": "no-store" }));
app.use(httpsOnly);
app.onError(onError);
app.notFound((c) => answer(c, "not_found"));

// Then `key(scope)` or `operator()` of its route: see request/callers.ts.
app.get("/", toDocs, key(null), (c) => c.json(OK));
app.route("/sim", classicSims);
app.route("/sims", fleetSims);
app.route("/connector", classicConnectors);
app.route("/usage", usageRoutes);
app.route("/network-logs", networkLogRoutes);
app.route("/tags", tagRoutes);
app.route("/connectors", fleetConnectors);
app.route("/network-whitelists", networkListRoutes);
app.route("/webhooks", webhookRoutes);
app.route("/webhooks", webhookDeliveryRoutes);
app.route("/events", eventRoutes);
app.route("/audit-log", auditRoutes);
app.route("/keys", keyRoutes);
app.route("/operator", operatorAccounts);
app.route("/operator/sims", operatorSims);
app.route("/operator/events", operatorEvents);
app.route("/operator/audit-log", operatorAudit);
app.route("/operator/health", operatorHealth);
app.route("/operator/reseal", operatorReseal);
