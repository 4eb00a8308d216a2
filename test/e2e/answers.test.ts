import { expect, inject, it } from "vitest";
import { givenAccount } from "./support/given-account";
import { asOperator, request } from "./support/request";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

it("answers 404 to an unknown path, with a link that explains it", async () => {
  const acme = await givenAccount();
  expect(await acme.call("GET", "/nothing")).toMatchObject(error(404, "not_found"));
  expect(await acme.call("POST", "/sim/192837465", {})).toMatchObject(error(404, "not_found"));
});

it.each([
  ["PATCH", "/sim", ["GET", "POST", "PUT", "DELETE"]],
  ["POST", "/", ["GET"]],
  ["DELETE", "/usage", ["GET"]],
  ["PUT", "/webhooks", ["GET", "POST"]],
  ["GET", "/operator/events", ["POST"]],
])("answers 405 to %s %s and names the methods there are", async (method, path, allowed) => {
  const acme = await givenAccount();
  const answer = await acme.call(method, path);
  expect(answer).toMatchObject(error(405, "method_not_allowed"));
  const named = (answer.headers.allow ?? "").split(", ").filter((name) => name !== "HEAD");
  expect(named.toSorted()).toEqual(allowed.toSorted());
});

it("names every request, and no two alike, whatever name the caller gives", async () => {
  const acme = await givenAccount();
  const given = { "x-request-id": "mine" };
  const answers = [
    await acme.call("GET", "/", undefined, given),
    await acme.call("GET", "/nothing", undefined, given),
    await request("GET", "/", undefined, given),
  ];
  const names = answers.map(({ headers }) => headers["x-request-id"]);
  for (const name of names) expect(name).toMatch(UUID);
  expect(new Set(names).size).toBe(3);
});

it("refuses http to any host but loopback", async () => {
  const acme = await givenAccount();
  const answer = await acme.call("GET", "/", undefined, { host: "api.example.com" });
  expect(answer).toMatchObject({ status: 403, text: '{"error":"https_required"}' });
});

it("refuses who has no key, or one of another kind", async () => {
  const acme = await givenAccount();
  expect(await request("GET", "/")).toMatchObject(error(401, "unauthorized"));
  expect(await request("GET", "/", undefined, { authorization: "key" })).toMatchObject(
    error(401, "unauthorized"),
  );
  expect(await acme.call("GET", "/operator/accounts")).toMatchObject(error(403, "operator_only"));
  expect(await asOperator("GET", "/sim")).toMatchObject(error(401, "unauthorized"));
});

it("refuses a revoked key at once, and no other", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const second = await acme.givenKey();
  const withSecond = { authorization: second.key };
  expect(await acme.call("GET", "/")).toMatchObject({ status: 200 });
  expect(await acme.call("GET", "/", undefined, withSecond)).toMatchObject({ status: 200 });

  const revoked = await asOperator("DELETE", `/operator/keys/${acme.keyId}`);
  expect(revoked).toMatchObject({ status: 200, text: '{"message":"OK"}' });

  expect(await acme.call("GET", "/")).toMatchObject(error(401, "unauthorized"));
  expect(await acme.call("GET", "/")).toMatchObject(error(401, "unauthorized"));
  expect(await acme.call("GET", "/", undefined, withSecond)).toMatchObject({ status: 200 });
  expect(await globex.call("GET", "/")).toMatchObject({ status: 200 });
});

/** What an answer with this error holds. */
function error(status: number, code: string) {
  const link = `<${inject("server").url}/docs#${code}>; rel="help"`;
  return { status, text: JSON.stringify({ error: code }), headers: { link } };
}
