import { expect, it } from "vitest";
import { givenAccount } from "./support/given-account";

const KB = 1024;
const TOO_LARGE = { status: 413, text: '{"error":"body_too_large"}' };
const DEEP = "[".repeat(100_000) + "]".repeat(100_000);

it("lets the body win over the query string", async () => {
  const acme = await givenAccount();
  const [first, second] = [await acme.givenSim(), await acme.givenSim()];
  const read = (id: string) => ({ status: 200, text: `{"id":"${id}","alias":null,"active":true}` });

  expect(await acme.call("GET", `/sim?id=${first}`)).toMatchObject(read(first));
  expect(await acme.call("GET", `/sim?id=${first}`, { id: second })).toMatchObject(read(second));
  expect(await acme.call("DELETE", `/sim?id=${first}`, { id: second })).toMatchObject({
    status: 200,
  });
  expect(await acme.call("GET", `/sim?id=${second}`)).toMatchObject({ status: 404 });
  expect(await acme.call("DELETE", `/sim?id=${first}`)).toMatchObject({ status: 200 });
  expect(await acme.call("GET", `/sim?id=${first}`)).toMatchObject({ status: 404 });
});

it("refuses a parameter that a call does not have, in the body of a GET too", async () => {
  const acme = await givenAccount();
  const refused = { status: 400, text: '{"error":"parameter_unknown"}' };
  for (const [path, body] of [
    ["/usage", { simid: "192837465" }],
    ["/sims", { limt: 1 }],
    ["/events", { form: "x" }],
  ] as const)
    expect(await acme.call("GET", path, body)).toMatchObject(refused);
  const filtered = await acme.call("GET", "/sims", { filter: { activated: "true" } });
  expect(filtered).toMatchObject({ status: 200 });
});

it("takes a body of 256 KB", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const body = JSON.stringify({ id }).padEnd(256 * KB);
  expect(await acme.call("GET", "/sim", body)).toMatchObject({ status: 200 });
});

// Several times each: a connection that is left half read breaks the request after it.
it.each([
  ["GET", 256 * KB + 1],
  ["GET", 300 * KB],
  ["DELETE", 300 * KB],
  ["POST", 2 * KB * KB],
  ["PUT", 2 * KB * KB],
])("refuses a body of %s that has %d bytes, each time", async (method, size) => {
  const acme = await givenAccount();
  for (let time = 0; time < 5; time += 1) {
    expect(await acme.call(method, "/sim", "{".padEnd(size))).toMatchObject(TOO_LARGE);
    expect(await acme.call("GET", "/")).toMatchObject({ status: 200 });
  }
});

it("refuses a large body without a key as it refuses a small one", async () => {
  const acme = await givenAccount();
  for (let time = 0; time < 5; time += 1) {
    const answer = await acme.call("POST", "/sim", "{".padEnd(2 * KB * KB), {
      authorization: "no",
    });
    expect(answer).toMatchObject({ status: 401, text: '{"error":"unauthorized"}' });
  }
});

it.each<[string, string, string | Uint8Array | undefined, string]>([
  ["no body", "POST", undefined, "json_invalid"],
  ["an empty body", "POST", "", "json_invalid"],
  ["no parameter at all", "GET", undefined, "id_invalid"],
  ["invalid UTF-8", "POST", Buffer.from('{"id":"\xff"}', "latin1"), "json_invalid"],
  ["half a character", "GET", Buffer.from('{"id":"\xc3', "latin1"), "json_invalid"],
  ["text that is no JSON", "POST", "id=192837465", "json_invalid"],
  ["half an object", "GET", '{"id":', "json_invalid"],
  ["two objects", "POST", '{"id":"192837465"}{}', "json_invalid"],
  ["a list", "POST", "[]", "json_invalid"],
  ["null", "GET", "null", "json_invalid"],
  ["a name given twice", "POST", '{"id":"192837465","id":"564738291"}', "json_invalid"],
  ["a name given twice, once escaped", "GET", String.raw`{"id":"1","\u0069d":"2"}`, "json_invalid"],
  ["a field nested 100,000 deep", "POST", `{"id":${DEEP}}`, "id_invalid"],
  ["a body nested 100,000 deep", "GET", DEEP, "json_invalid"],
  ["brackets that never close", "POST", "[".repeat(100_000), "json_invalid"],
  ["an id in __proto__", "POST", '{"__proto__":{"id":"192837465"}}', "id_invalid"],
  ["an id in __proto__ of a GET", "GET", '{"__proto__":{"id":"192837465"}}', "id_invalid"],
  ["an id that is a number", "POST", '{"id":192837465}', "id_invalid"],
])("refuses %s, and works on", async (_, method, body, error) => {
  const acme = await givenAccount();
  const answer = await acme.call(method, "/sim", body);
  expect(answer).toMatchObject({ status: 400, text: JSON.stringify({ error }) });
  expect(await acme.call("GET", "/")).toMatchObject({ status: 200 });
});
