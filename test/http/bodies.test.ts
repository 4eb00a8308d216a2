import { describe, expect, it } from "vitest";
import { callAsOperator } from "../support/call";
import { givenAccount } from "../support/given-account";
import { BAD_BODIES } from "../support/refusals";
import { storedIn } from "../support/stored";

const OK = { message: "OK" };
const KB = 1024;

/** A SIM as JSON, as many bytes long as wanted. */
function simOf(bytes: number): string {
  const json = '{"id":"192837465"}';
  return json + " ".repeat(bytes - json.length);
}

it.each([undefined, "text/plain", "application/x-www-form-urlencoded", "nonsense"])(
  "reads a body as JSON when it is called %s",
  async (type) => {
    const acme = await givenAccount();
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    expect(await acme.call("POST", "/sim", simOf(100), { headers })).toAnswer(200, OK);
  },
);

it("reads a body that starts with a byte order mark", async () => {
  const acme = await givenAccount();
  expect(await acme.call("POST", "/sim", `\ufeff${simOf(100)}`)).toAnswer(200, OK);
});

it("takes a body of 256 KB, and not a byte more", async () => {
  const acme = await givenAccount();
  expect(await acme.call("POST", "/sim", simOf(256 * KB + 1))).toAnswer(413, "body_too_large");
  expect(await acme.call("GET", "/sim?id=192837465")).toAnswer(404, "sim_not_found");
  expect(await acme.call("POST", "/sim", simOf(256 * KB))).toAnswer(200, OK);
});

it("takes reports of events of 4 MB, and not a byte more", async () => {
  const report = (bytes: number) =>
    callAsOperator("POST", "/operator/events", '{"events":[0]}'.padEnd(bytes));
  expect((await report(4 * KB * KB)).status).toBe(202);
  expect(await report(4 * KB * KB + 1)).toAnswer(413, "body_too_large");
});

it.each<[string, string]>([
  ["a very long text", `{"events":[{"type":"${"x".repeat(3_900_000)}"}]}`],
  ["a very long text of escapes", `{"events":[{"type":"${"\\n".repeat(1_900_000)}"}]}`],
  ["very deep lists", `{"events":[${"[".repeat(1_900_000)}${"]".repeat(1_900_000)}]}`],
  ["very deep objects", `{"events":[${'{"a":'.repeat(500_000)}1${"}".repeat(500_000)}]}`],
  [
    "very many names",
    `{"events":[{${Array.from({ length: 300_000 }, (_, n) => `"${n}":1`).join(",")}}]}`,
  ],
])("takes %s for an event that is none", async (_, body) => {
  const { status, json } = await callAsOperator("POST", "/operator/events", body);
  expect([status, json.accepted, json.rejected.length]).toEqual([202, 0, 1]);
});

it("takes a name within a text for no name", async () => {
  const acme = await givenAccount();
  const alias = '"id":1,"id":2,\\"id\\":3';
  expect(await acme.call("POST", "/sim", { id: "192837465", alias })).toAnswer(200, OK);
  expect((await acme.call("GET", "/sim?id=192837465")).json.alias).toBe(alias);
});

it("takes the same name in two objects of a body for what it is", async () => {
  const passthrough = [
    { protocol: "tcp", ip: "192.0.2.1", port: 1 },
    { protocol: "tcp", ip: "192.0.2.1", port: 2 },
  ];
  const acme = await givenAccount();
  const options = { url: "https://a.example.com/" };
  const connector = { id: "mine", type: "https", options, passthrough };
  expect(await acme.call("POST", "/connector", connector)).toAnswer(200, OK);
});

it("lets a name that nobody asked for be", async () => {
  const acme = await givenAccount();
  const body = '{"id":"192837465","colour":"red","__proto__":{"active":false},"constructor":1}';
  expect(await acme.call("POST", "/sim", body)).toAnswer(200, OK);
  const sim = { id: "192837465", alias: null, active: true };
  expect(await acme.call("GET", "/sim?id=192837465")).toAnswer(200, sim);
});

it("takes nothing from a prototype that a body brings", async () => {
  const acme = await givenAccount();
  const body = '{"__proto__":{"id":"192837465"}}';
  expect(await acme.call("POST", "/sim", body)).toAnswer(400, "id_invalid");
  expect(await acme.call("DELETE", "/sim", body)).toAnswer(400, "id_invalid");
  expect(await acme.call("GET", "/sim?__proto__=192837465")).toAnswer(400, "parameter_unknown");
});

describe("DELETE", () => {
  const bad = BAD_BODIES.filter(([name]) => name !== "nothing");
  it.each(bad)("refuses %s for a body, though the query would do", async (_, body) => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    expect(await acme.call("DELETE", `/sim?id=${id}`, body)).toAnswer(400, "json_invalid");
    expect(await storedIn("sims")).toHaveLength(1);
  });
});
