import { expect, it } from "vitest";
import { givenAccount } from "../support/given-account";
import { withinAMinute } from "../support/minute";
import { PROTECTED_ROUTES } from "../support/protected-routes";

const FIVE = { env: { RATE_LIMIT_PER_MINUTE: "5" } };

it("lets a key in nowhere from an address that is not among its own", async () => {
  const acme = await givenAccount();
  const one = await acme.givenKey({ allowed_ips: ["192.0.2.0/24"] });
  for (const { method, url, caller, takesBody } of PROTECTED_ROUTES) {
    if (caller !== "customer") continue;
    const from = (address: string) =>
      one.call(method, url, takesBody ? {} : undefined, {
        headers: { "cf-connecting-ip": address },
      });
    expect(await from("198.51.100.1")).toAnswer(403, "address_forbidden");
    expect([200, 400, 404]).toContain((await from("192.0.2.77")).status);
  }
});

it("counts no call from a wrong address", async () => {
  const acme = await givenAccount();
  const own = await acme.givenKey({ allowed_ips: ["192.0.2.0/24"] });
  for (let calls = 0; calls < 12; calls += 1)
    expect(await own.call("GET", "/", undefined, FIVE)).toAnswer(403, "address_forbidden");
  const headers = { "cf-connecting-ip": "192.0.2.1" };
  expect((await own.call("GET", "/", undefined, { ...FIVE, headers })).status).toBe(200);
});

it("tells a refused caller the rate limit, and takes nothing from it", async () => {
  const acme = await givenAccount();
  const own = await acme.givenKey({ allowed_ips: ["192.0.2.0/24"] });
  const left = async (address: string) => {
    const headers = { "cf-connecting-ip": address };
    const answer = await own.call("GET", "/", undefined, { ...FIVE, headers });
    return answer.headers.get("x-ratelimit-remaining");
  };
  const told = await withinAMinute(async () => {
    const allowed = await left("192.0.2.1");
    return [allowed, await left("198.51.100.1"), await left("198.51.100.1")];
  });
  expect(told).toEqual([told[0], told[0], told[0]]);
  expect(Number(told[0] ?? "none")).toBeLessThan(5);
});

it("refuses a call whose address is not known", async () => {
  const acme = await givenAccount();
  const own = await acme.givenKey({ allowed_ips: ["0.0.0.0/0"] });
  const headers = { "cf-connecting-ip": "" };
  expect(await own.call("GET", "/", undefined, { headers })).toAnswer(403, "address_forbidden");
});
