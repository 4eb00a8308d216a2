import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import { operatorAccounts } from "./api/operator/accounts/routes";
import { OK } from "./platform/ok";
import { auditRoutes, operatorAudit } from "./api/audit-log/routes";
import { key, type Keyed } from "./request/authenticate";
import { classicConnectors } from "./api/connectors/classic";
import { fleetConnectors } from "./api/connectors/fleet";
import { networkLogRoutes } from "./api/network-logs/routes";
import { operatorEvents } from "./api/operator/events";
import { eventRoutes } from "./api/feed/routes";
import { operatorHealth } from "./api/operator/health/routes";
import { fromPages } from "./request/cors";
import { fixedHeaders } from "./request/response-headers";
import { httpsOnly } from "./request/https-only";
import { toDocs } from "./http/to-docs";
import { logRequests } from "./request/log";
import { answer, DETAIL_HEADER, onError } from "./request/on-error";
import { keyRoutes } from "./api/keys/routes";
import { networkListRoutes } from "./api/network-whitelists/routes";
import { operatorReseal } from "./api/operator/reseal/routes";
import { classicSims } from "./api/sims/classic/routes";
import { fleetSims } from "./api/sims/routes";
import { operatorSims } from "./api/operator/sims";
import { tagRoutes } from "./api/tags/routes";
import { usageRoutes } from "./api/usage/routes";
import { webhookDeliveryRoutes } from "./api/webhooks/delivery-routes";
import { webhookRoutes } from "./api/webhooks/routes";

export const app = new Hono<Keyed>();

// The answer gets it with the other headers.
app.use(requestId({ generator: () => crypto.randomUUID(), headerName: "" }));
app.use(logRequests());
app.use(fixedHeaders);
app.use(fromPages);
app.use(
  methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      // The answer keeps the headers of the 404 that it replaces.
      for (const name of ["link", DETAIL_HEADER]) c.res.headers.delete(name);
      return answer(c, "method_not_allowed", { allow: methods.join(", ") });
    },
  }),
);
// For load balancers, which may ask by http.
app.get("/healthz", (c) => c.json(OK, 200, { "cache-control": "no-store" }));
app.use(httpsOnly());
app.onError(onError);
app.notFound((c) => answer(c, "not_found"));

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
