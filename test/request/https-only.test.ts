import { expect, it } from "vitest";
import { call } from "../support/call";
import { givenAccount } from "../support/given-account";

it.each([
  "http://api.example.com",
  "http://192.0.2.1",
  "http://localhost.example.com",
  "http://128.0.0.1",
  "http://127.0.0.1.example.com",
])("refuses %s, with a good key too", async (origin) => {
  const acme = await givenAccount();
  for (const path of ["/", "/sim?id=192837465", "/nowhere", "/operator/accounts"])
    expect(await acme.call("GET", path, undefined, { origin })).toAnswer(403, "https_required");
  expect(await acme.call("POST", "/sim", { id: "192837465" }, { origin })).toAnswer(
    403,
    "https_required",
  );
  expect(await acme.call("GET", "/sim?id=192837465")).toAnswer(404, "sim_not_found");
});

it.each([
  "http://localhost:8787",
  "http://127.0.0.1:8787",
  "http://127.1.2.3",
  "http://[::1]:8787",
])("serves %s, where development happens", async (origin) => {
  const acme = await givenAccount();
  expect(await acme.call("GET", "/", undefined, { origin })).toAnswer(200, { message: "OK" });
});

it("does not take a header's word for it", async () => {
  const headers = { "x-forwarded-proto": "https", host: "localhost" };
  const answer = await call("GET", "/", undefined, { origin: "http://api.example.com", headers });
  expect(answer).toAnswer(403, "https_required");
});
