import { expect, it } from "vitest";
import { call } from "../support/call";
import { givenAccount } from "../support/given-account";

const PAGE = { origin: "https://fleet.example.com" };

/** What a browser asks before it lets a page call. */
function preflight(path: string, method: string) {
  const headers = {
    ...PAGE,
    "access-control-request-method": method,
    "access-control-request-headers": "authorization,content-type,idempotency-key",
  };
  return call("OPTIONS", path, undefined, { headers });
}

it("tells a browser, without a key, what a page may send", async () => {
  const { status, text, headers } = await preflight("/sims/192837465", "PATCH");
  expect({ status, text }).toEqual({ status: 204, text: "" });
  expect(headers.get("access-control-allow-origin")).toBe("*");
  expect(headers.get("access-control-allow-methods")?.split(",")).toContain("PATCH");
  expect(headers.get("access-control-allow-headers")?.split(",")).toEqual(
    expect.arrayContaining(["authorization", "idempotency-key", "if-match"]),
  );
  expect(headers.get("access-control-max-age")).toBe("86400");
  expect(headers.get("access-control-allow-credentials")).toBeNull();
});

it("lets a page read what is answered, refusals too, with the headers that it needs", async () => {
  const acme = await givenAccount();
  const answers = [
    await acme.call("GET", "/", undefined, { headers: PAGE }),
    await acme.call("GET", "/sim?id=192837465", undefined, { headers: PAGE }),
    await acme.call("PATCH", "/sim", undefined, { headers: PAGE }),
    await acme.call("GET", "/nowhere", undefined, { headers: PAGE }),
    await call("GET", "/", undefined, { headers: PAGE }),
    await call("GET", "/", undefined, { headers: PAGE, origin: "http://api.example.com" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 405, 404, 401, 403]);
  for (const { headers } of answers) {
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-expose-headers")?.split(",")).toEqual(
      expect.arrayContaining(["etag", "link", "retry-after", "x-request-id"]),
    );
  }
});

it("sends programs none of it", async () => {
  const acme = await givenAccount();
  const { headers } = await acme.call("GET", "/");
  expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
});

it("keeps the operator's calls from pages", async () => {
  for (const path of ["/operator", "/operator/accounts"])
    expect((await preflight(path, "GET")).headers.get("access-control-allow-origin")).toBeNull();
});

it.each([{}, PAGE])("refuses an OPTIONS that is no browser's question", async (headers) => {
  const answer = await call("OPTIONS", "/sim", undefined, { headers });
  expect(answer).toAnswer(405, "method_not_allowed");
});
