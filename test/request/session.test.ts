import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { givenAccount } from "../support/given-account";

const HEADER = "x-d1-bookmark";

it("answers with a bookmark that the next request may send back", async () => {
  const acme = await givenAccount();
  const created = await acme.call("POST", "/sim", { id: "192837465" });
  const bookmark = created.headers.get(HEADER) ?? "";
  expect(bookmark).toMatch(/^[-0-9a-f]+$/);
  const withSession = vi.spyOn(env.DB, "withSession");
  const headers = { [HEADER]: bookmark };
  const read = await acme.call("GET", "/sim?id=192837465", undefined, { headers });
  expect(read.status).toBe(200);
  expect(withSession).toHaveBeenCalledWith(bookmark);
  expect(read.headers.get(HEADER)).toMatch(/^[-0-9a-f]+$/);
});

it("reads wherever it is near where no bookmark is sent", async () => {
  const acme = await givenAccount();
  const withSession = vi.spyOn(env.DB, "withSession");
  await acme.call("GET", "/sim?id=192837465");
  expect(withSession).toHaveBeenCalledWith("first-unconstrained");
});

it.each([
  "x",
  "first-primary",
  "first-unconstrained",
  "00000000-00000000-00000000-0000000000000000000000000000000",
  "0000000G-00000000-00000000-00000000000000000000000000000000",
  "00000000-00000000-00000000-00000000000000000000000000000000 OR 1=1",
  "x".repeat(10_000),
])("refuses %j for a bookmark", async (bookmark) => {
  const acme = await givenAccount();
  const headers = { [HEADER]: bookmark };
  for (const [method, body] of [["GET"], ["POST", { id: "192837465" }]] as const)
    expect(await acme.call(method, "/sim", body, { headers })).toAnswer(400, "bookmark_invalid");
});

it("looks at the key before the bookmark", async () => {
  const acme = await givenAccount();
  await acme.revokeKey();
  const headers = { [HEADER]: "x" };
  expect(await acme.call("GET", "/sim", undefined, { headers })).toAnswer(401, "unauthorized");
});
