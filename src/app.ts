import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import { operatorAccounts } from "./accounts/operator";
import { OK } from "./answers";
import { auditRoutes, operatorAudit } from "./audit/routes";
import { key, type Keyed } from "./auth/middleware";
import { classicConnectors } from "./connectors/classic";
import { fleetConnectors } from "./connectors/fleet";
import { networkLogRoutes } from "./events/network-logs";
import { operatorEvents } from "./events/operator";
import { eventRoutes } from "./events/routes";
import { operatorHealth } from "./health/operator";
import { fromPages } from "./http/cors";
import { fixedHeaders } from "./http/fixed-headers";
import { httpsOnly } from "./http/https-only";
import { toDocs } from "./http/to-docs";
import { logRequests } from "./http/log-requests";
import { answer, DETAIL_HEADER, onError } from "./http/on-error";
import { keyRoutes } from "./keys/routes";
import { networkListRoutes } from "./network-lists/fleet";
import { operatorReseal } from "./reseal/operator";
import { classicSims } from "./sims/classic";
import { fleetSims } from "./sims/fleet";
import { operatorSims } from "./sims/operator";
import { tagRoutes } from "./tags/routes";
import { usageRoutes } from "./usage/routes";
import { webhookDeliveryRoutes } from "./webhooks/delivery-routes";
import { webhookRoutes } from "./webhooks/routes";

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
