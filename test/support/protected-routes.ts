import { app } from "../../src/app";
import { callAsOperator } from "./call";
import type { GivenAccount } from "./given-account";

/** A route behind a key, with an address that leads to it. */
export interface ProtectedRoute {
  method: string;
  /** As the app declares it. */
  path: string;
  /** An address of it, of the right form. */
  url: string;
  caller: "customer" | "operator";
  /** What its path answers to, in `Allow`. */
  allow: string;
  /** Whether a request must have a JSON body. */
  takesBody?: boolean;
}

/** Without a body, or with one that is a list. */
const BODILESS = /\/(retry|rotate-secret|test|reseal|tags\/:tag_id|bulk|rotate)$/;
const SIM_ID = "192837465";
const UUID = "00000000-0000-4000-8000-000000000000";

function routes(
  caller: ProtectedRoute["caller"],
  path: string,
  methods: string[],
  allow = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", "),
): ProtectedRoute[] {
  return methods.map((method) => ({
    method,
    path,
    url: path
      .replace("unmatched/:id", "unmatched/1")
      .replace(/:(tag_)?id/, UUID)
      .replace(":sim_id", SIM_ID)
      .replace(":name", "mine"),
    caller,
    allow,
    takesBody: ["POST", "PUT", "PATCH"].includes(method) && !BODILESS.test(path),
  }));
}

/** Every route behind a key. */
export const PROTECTED_ROUTES = [
  ...routes("customer", "/", ["GET"]),
  ...routes("customer", "/sim", ["GET", "POST", "PUT", "DELETE"]),
  ...routes("customer", "/connector", ["GET", "POST", "PUT", "DELETE"]),
  ...routes("customer", "/sims", ["GET"]),
  // These two are as well names that `/sims/:sim_id` could have.
  ...routes("customer", "/sims/find", ["GET"], "GET, HEAD, PATCH"),
  ...routes("customer", "/sims/bulk", ["PATCH"], "PATCH, GET, HEAD"),
  ...routes("customer", "/sims/:sim_id", ["GET", "PATCH"]),
  ...routes("customer", "/sims/:sim_id/tags/:tag_id", ["PUT", "DELETE"]),
  ...routes("customer", "/usage", ["GET"]),
  ...routes("customer", "/usage/:sim_id", ["GET"]),
  ...routes("customer", "/usage/tag-total/:tag_id", ["GET"]),
  ...routes("customer", "/network-logs/:sim_id", ["GET"]),
  ...routes("customer", "/webhooks", ["GET", "POST"]),
  ...routes("customer", "/webhooks/:id", ["GET", "PATCH", "DELETE"]),
  ...routes("customer", "/webhooks/:id/deliveries", ["GET"]),
  ...routes("customer", "/webhooks/:id/replay", ["GET", "POST", "DELETE"]),
  ...routes("customer", "/webhooks/:id/test", ["POST"]),
  ...routes("customer", "/webhooks/:id/rotate-secret", ["POST"]),
  ...routes("customer", "/connectors", ["GET", "POST"]),
  ...routes("customer", "/connectors/:name", ["GET", "PATCH", "DELETE"]),
  ...routes("customer", "/network-whitelists", ["GET", "POST"]),
  ...routes("customer", "/network-whitelists/:name", ["GET", "PATCH", "DELETE"]),
  ...routes("customer", "/tags", ["POST"]),
  ...routes("customer", "/tags/search/tags", ["GET"]),
  ...routes("customer", "/tags/:id", ["PATCH", "DELETE"]),
  ...routes("customer", "/events", ["GET"]),
  ...routes("customer", "/events/:id", ["GET"]),
  ...routes("customer", "/audit-log", ["GET"]),
  ...routes("customer", "/keys", ["GET", "POST"]),
  ...routes("customer", "/keys/:id", ["PATCH", "DELETE"]),
  ...routes("customer", "/keys/:id/rotate", ["POST"]),
  ...routes("operator", "/operator/accounts", ["POST", "GET"]),
  ...routes("operator", "/operator/accounts/:id", ["PATCH"]),
  ...routes("operator", "/operator/accounts/:id/keys", ["POST", "GET"]),
  ...routes("operator", "/operator/keys/:id", ["DELETE"]),
  ...routes("operator", "/operator/sims", ["PUT"]),
  ...routes("operator", "/operator/events", ["POST"]),
  ...routes("operator", "/operator/events/unmatched", ["GET", "DELETE"]),
  // As well an id that `/operator/events/unmatched/:id` could have.
  ...routes("operator", "/operator/events/unmatched/retry", ["POST"], "DELETE, POST"),
  ...routes("operator", "/operator/events/unmatched/:id", ["DELETE"]),
  ...routes("operator", "/operator/events/unmatched/:id/retry", ["POST"]),
  ...routes("operator", "/operator/audit-log", ["GET"]),
  ...routes("operator", "/operator/health", ["GET"]),
  ...routes("operator", "/operator/reseal", ["POST"]),
];

/** Calls as a route's caller does: the operator, or the account. */
export function callAs(
  caller: ProtectedRoute["caller"],
  account: GivenAccount,
): typeof callAsOperator {
  if (caller === "operator") return callAsOperator;
  return (...given) => account.call(...given);
}

/** Routes that anyone may call. */
export const PUBLIC_ROUTES = ["GET /healthz"];

/** `METHOD /path` of each route that the app has and that is not for everyone. */
export function declaredRoutes(): string[] {
  const declared = new Set(
    app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path}`),
  );
  return [...declared].filter((route) => !PUBLIC_ROUTES.includes(route));
}
