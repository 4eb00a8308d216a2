import { describe, expect, it } from "vitest";
import { declaredRoutes, PROTECTED_ROUTES } from "../support/protected-routes";
import { itRefusesBadBodies, itRefusesCustomers, itRefusesStrangers } from "../support/refusals";

it("knows every route behind a key", () => {
  const known = PROTECTED_ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(declaredRoutes())).toEqual(new Set(known));
});

describe.each(PROTECTED_ROUTES)("$method $path", (route) => {
  itRefusesStrangers(route);
});

const ofTheOperator = PROTECTED_ROUTES.filter(({ caller }) => caller === "operator");
describe.each(ofTheOperator)("$method $path", (route) => {
  itRefusesCustomers(route);
});

const withBody = PROTECTED_ROUTES.filter(({ takesBody }) => takesBody);
describe.each(withBody)("$method $path", (route) => {
  itRefusesBadBodies(route);
});
