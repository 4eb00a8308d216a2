import { expect, it } from "vitest";
import { givenAccount, newSimId } from "./support/given-account";
import { report, usageOf } from "./support/events";
import { eventually } from "./support/receiver";
import { listIn, objectIn, request, textIn } from "./support/request";

it("makes a change once that a program repeats, by POST, PUT, PATCH and DELETE", async () => {
  const acme = await givenAccount();
  const id = newSimId();
  const changes: [method: string, path: string, body: object][] = [
    ["POST", "/sim", { id, alias: "drone" }],
    ["PUT", "/sim", { id, alias: "boat" }],
    ["PATCH", `/sims/${id}`, { label: "plane" }],
    ["DELETE", "/sim", { id }],
    ["POST", "/webhooks", { url: "https://receiver.example.com/" }],
  ];
  for (const [method, path, body] of changes) {
    const once = { "idempotency-key": `${method} ${path}`.replace(" ", "-") };
    const first = await acme.call(method, path, body, once);
    const second = await acme.call(method, path, body, once);
    expect([path, first.status, second.status, second.text]).toEqual([path, 200, 200, first.text]);
    expect(second.headers["idempotency-replayed"]).toBe("true");
  }
  const many = Array.from({ length: 20 }, () =>
    acme.call("POST", "/tags", { name: "Nightly" }, { "idempotency-key": "tag" }),
  );
  const answers = await Promise.all(many);
  const made = answers.filter(({ status }) => status === 200).map(({ text }) => text);
  expect(new Set(made).size).toBe(1);
  for (const { status, text } of answers)
    expect([200, '{"error":"idempotency_in_progress"}']).toContain(status === 200 ? 200 : text);
});

it("lets a customer's key do what it was made for, from where it was made for, until it is rotated", async () => {
  const acme = await givenAccount();
  const limits = { scopes: ["sims:read"], allowed_ips: ["127.0.0.0/8", "::1/128"] };
  const made = await acme.call("POST", "/keys", { name: "reader", ...limits });
  const [id, key] = [textIn(made, "id"), textIn(made, "key")];
  const as = (authorization: string, path: string) =>
    request("GET", path, undefined, { authorization });
  expect((await as(key, "/sims")).status).toBe(200);
  expect((await as(key, "/usage")).text).toBe('{"error":"scope_missing"}');
  const rotated = await acme.call("POST", `/keys/${id}/rotate`, { overlap_seconds: 0 });
  expect((await as(key, "/sims")).text).toBe('{"error":"unauthorized"}');
  const fresh = textIn(rotated, "key");
  expect((await as(fresh, "/sims")).status).toBe(200);
  const elsewhere = { allowed_ips: ["192.0.2.0/24"] };
  objectIn(await acme.call("PATCH", `/keys/${textIn(rotated, "id")}`, elsewhere));
  expect((await as(fresh, "/sims")).text).toBe('{"error":"address_forbidden"}');
});

it("lets a key with tags see and change what carries one of them, and nothing else", async () => {
  const acme = await givenAccount();
  const tag = textIn(await acme.call("POST", "/tags", { name: "north" }), "id");
  const [own, other] = [await acme.givenSim(), await acme.givenSim()];
  objectIn(await acme.call("PUT", `/sims/${own}/tags/${tag}`));
  await report(usageOf(own, { upload: "7" }), usageOf(other, { upload: "9" }));
  const made = await acme.call("POST", "/keys", { name: "north", scopes: ["*"], tags: [tag] });
  const as = (method: string, path: string, body?: object) =>
    request(method, path, body, { authorization: textIn(made, "key") });
  const usage = "/usage?time_begin=2018-01-01T00:00:00Z";
  await eventually(async () => expect(objectIn(await acme.call("GET", usage)).upload).toBe("16"));
  expect(objectIn(await as("GET", usage)).upload).toBe("7");
  expect((await as("GET", `/sim?id=${own}`)).status).toBe(200);
  expect((await as("GET", `/sim?id=${other}`)).text).toBe('{"error":"id_forbidden"}');
  expect((await as("PATCH", `/sims/${own}`, { tags: [] })).text).toBe('{"error":"tag_forbidden"}');
  const webhook = { url: "https://receiver.example.com/" };
  expect(listIn(await as("POST", "/webhooks", webhook), "tags")).toMatchObject([{ id: tag }]);
});

it("tells with each answer how many calls are left", async () => {
  const acme = await givenAccount();
  const answers = [await acme.call("GET", "/"), await acme.call("GET", "/sim?id=1")];
  for (const { headers } of answers) {
    const [limit, left] = [headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]];
    expect(headers["ratelimit-policy"]).toBe(`"default";q=${String(limit)};w=60`);
    expect(headers.ratelimit).toMatch(new RegExp(`^"default";r=${String(left)};t=\\d+$`));
  }
});

it("changes a SIM only as it was read, and a list of them as one", async () => {
  const acme = await givenAccount();
  const [one, two] = [await acme.givenSim({ alias: "one" }), await acme.givenSim()];
  const { headers } = await acme.call("GET", `/sim?id=${one}`);
  const ifMatch = { "if-match": String(headers.etag) };
  const change = () =>
    acme.call("PATCH", `/sims/${one}`, { imei_lock: "358299840000001" }, ifMatch);
  expect((await change()).status).toBe(200);
  expect((await change()).text).toBe('{"error":"changed_meanwhile"}');
  const changes = [
    { id: one, activated: false },
    { id: two, label: "one" },
  ];
  const tried = await acme.call("PATCH", "/sims/bulk?dry_run=true", changes);
  expect(tried.text).toContain('"error":"label_conflict"');
  const refused = await acme.call("PATCH", "/sims/bulk?atomic=true", changes);
  expect(refused.text).toBe('{"error":"atomic_refused"}');
  expect((await acme.call("GET", `/sim?id=${one}`)).text).toContain('"active":true');
});
