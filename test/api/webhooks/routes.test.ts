import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { ErrorCode } from "../../../src/platform/errors";
import { open } from "../../../src/platform/crypto";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";
import { storedIn } from "../../support/stored";

const url = "https://receiver.acme.com/{type}";
const NOBODYS = "00000000-0000-4000-8000-000000000000";

it("makes a webhook, and shows its signing secret this once", async () => {
  const acme = await givenAccount();
  const answer = await acme.call("POST", "/webhooks", { url });
  expect(answer.status).toBe(200);
  const { secret, ...webhook } = answer.json;
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(webhook).toEqual({
    id: expect.stringMatching(/^[-0-9a-f]{36}$/),
    url,
    label: null,
    active: true,
    exclude_types: [],
    tags: [],
    payload: "classic",
    retry: "none",
    disabled_at: null,
    disabled_reason: null,
    meta: {
      authorization: { is_set: false, last_updated_at: null },
      secret: { is_set: true, last_updated_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    },
  });
  const read = await acme.call("GET", `/webhooks/${webhook.id}`);
  expect(read).toAnswer(200, webhook);
  expect(await acme.call("GET", "/webhooks")).toAnswer(200, [webhook]);
});

it("keeps what it is told, each event type once", async () => {
  const acme = await givenAccount();
  const given = { url, label: "Receiver ☃", active: false };
  const exclude_types = ["usage", "network-validation", "usage"];
  const { id } = await acme.givenWebhook({ ...given, exclude_types, authorization: null });
  const { json } = await acme.call("GET", `/webhooks/${id}`);
  expect(json).toMatchObject({ ...given, exclude_types: ["usage", "network-validation"] });
});

it("never reads a secret back, and seals it at rest in its own place", async () => {
  const acme = await givenAccount();
  const authorization = "Bearer the-receivers-own";
  const made = await acme.call("POST", "/webhooks", { url, authorization });
  const { id, secret } = made.json;
  const changed = await acme.call("PATCH", `/webhooks/${id}`, { label: "x" });
  const answers = [
    await acme.call("GET", "/webhooks"),
    await acme.call("GET", `/webhooks/${id}`),
    changed,
  ];
  const [row] = await storedIn("webhooks");
  for (const text of [...answers.map((answer) => answer.text), JSON.stringify(row)]) {
    expect(text).not.toContain(authorization);
    expect(text).not.toContain(secret);
  }
  expect(made.text).not.toContain(authorization);
  expect(changed.json.meta.authorization.is_set).toBe(true);
  const opened = (field: "authorization" | "secret", of = id) =>
    open([env.ENCRYPTION_KEY], `webhooks/${of}/${field}`, String(row?.[field]));
  expect(await opened("authorization")).toBe(authorization);
  expect(await opened("secret")).toBe(secret);
  await expect(opened("secret", NOBODYS)).rejects.toThrow(/decrypt/i);
});

it("changes only what it is told to change", async () => {
  const acme = await givenAccount();
  const given = { label: "first", authorization: "a", exclude_types: ["usage"], active: false };
  const { id } = await acme.givenWebhook(given);
  let now = (await acme.call("GET", `/webhooks/${id}`)).json;
  const changes = [
    {},
    { url: "https://other.acme.com/" },
    { label: "second" },
    { label: null },
    { active: true },
    { exclude_types: [] },
  ];
  for (const change of changes) {
    now = { ...now, ...change };
    expect(await acme.call("PATCH", `/webhooks/${id}`, change)).toAnswer(200, now);
    expect(await acme.call("GET", `/webhooks/${id}`)).toAnswer(200, now);
  }
});

it("takes an authorization away that is changed to null", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook({ authorization: "a" });
  const { json } = await acme.call("PATCH", `/webhooks/${id}`, { authorization: null });
  expect(json.meta.authorization).toEqual({ is_set: false, last_updated_at: null });
  const again = await acme.call("PATCH", `/webhooks/${id}`, { authorization: "b" });
  expect(again.json.meta.authorization.is_set).toBe(true);
});

it("deletes a webhook", async () => {
  const acme = await givenAccount();
  const [kept, gone] = [await acme.givenWebhook(), await acme.givenWebhook()];
  expect(await acme.call("DELETE", `/webhooks/${gone.id}`)).toAnswer(200, { message: "OK" });
  expect(await acme.call("DELETE", `/webhooks/${gone.id}`)).toAnswer(404, "webhook_not_found");
  const left = (await acme.call("GET", "/webhooks")).json;
  expect(left.map(({ id }: { id: string }) => id)).toEqual([kept.id]);
});

it("does not find another account's webhook, nor one that nobody has", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const { id } = await globex.givenWebhook({ label: "theirs" });
  for (const other of [id, NOBODYS]) {
    const path = `/webhooks/${other}`;
    expect(await acme.call("GET", path)).toAnswer(404, "webhook_not_found");
    expect(await acme.call("PATCH", path, { label: "x" })).toAnswer(404, "webhook_not_found");
    expect(await acme.call("DELETE", path)).toAnswer(404, "webhook_not_found");
  }
  expect(await acme.call("GET", "/webhooks")).toAnswer(200, []);
  expect((await globex.call("GET", `/webhooks/${id}`)).json.label).toBe("theirs");
});

it.each(["x", "1", "%00", `${NOBODYS}0`, NOBODYS.replaceAll("-", ""), "%F0%9F%98%80"])(
  "refuses the id %s",
  async (id) => {
    const acme = await givenAccount();
    for (const [method, body] of [["GET"], ["PATCH", {}], ["DELETE"]] as const)
      expect(await acme.call(method, `/webhooks/${id}`, body)).toAnswer(400, "id_invalid");
  },
);

const WRONG: [error: ErrorCode, field: string, values: unknown[]][] = [
  [
    "url_invalid",
    "url",
    [
      null,
      1,
      "",
      "x",
      "http://acme.com/",
      "https://10.0.0.1/",
      `https://acme.com/${"x".repeat(10_000)}`,
      [url],
      {},
    ],
  ],
  [
    "authorization_invalid",
    "authorization",
    ["", " x", "x ", "a\nb", "a\r\nx-evil: 1", "é", "x".repeat(4097), 1, true, [], {}],
  ],
  ["label_invalid", "label", ["", "x".repeat(101), "a\nb", "\ud800", 1, true, [], {}]],
  ["active_invalid", "active", [null, "true", 0, 1, [], {}]],
  [
    "exclude_types_invalid",
    "exclude_types",
    [
      null,
      "usage",
      ["Usage"],
      ["usage", 1],
      [null],
      {},
      Array.from({ length: 101 }, () => "usage"),
    ],
  ],
];

it.each(WRONG)(
  "refuses with %s what %s never is, and stores nothing",
  async (error, field, values) => {
    const acme = await givenAccount();
    const create = (value: unknown) => acme.call("POST", "/webhooks", { url, [field]: value });
    expect(await notRefused(values, error, create)).toEqual([]);
    expect(await storedIn("webhooks")).toEqual([]);
    const { id } = await acme.givenWebhook();
    const before = await storedIn("webhooks");
    const change = (value: unknown) => acme.call("PATCH", `/webhooks/${id}`, { [field]: value });
    expect(await notRefused(values, error, change)).toEqual([]);
    expect(await storedIn("webhooks")).toEqual(before);
  },
);

it("refuses a webhook without a URL", async () => {
  const acme = await givenAccount();
  expect(await acme.call("POST", "/webhooks", {})).toAnswer(400, "url_invalid");
});

it("takes http and loopback only where the deployment allows them", async () => {
  const acme = await givenAccount();
  const local = { url: "http://localhost:8790/{type}" };
  expect(await acme.call("POST", "/webhooks", local)).toAnswer(400, "url_invalid");
  const insecure = { env: { ALLOW_INSECURE_WEBHOOKS: "true" } };
  const made = await acme.call("POST", "/webhooks", local, insecure);
  expect(made.status).toBe(200);
  const path = `/webhooks/${made.json.id}`;
  expect(await acme.call("PATCH", path, local)).toAnswer(400, "url_invalid");
  expect((await acme.call("PATCH", path, local, insecure)).status).toBe(200);
});

it("lets an account have fifty webhooks, however many are made at once", async () => {
  const acme = await givenAccount();
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => acme.call("POST", "/webhooks", { url })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
  for (const answer of answers.filter(({ status }) => status !== 200))
    expect(answer).toAnswer(409, "webhook_limit_reached");
  expect((await acme.call("GET", "/webhooks")).json).toHaveLength(50);
});

it.each([
  " https://a.acme.com/",
  "https://a.acme.com/ ",
  "https://a.acme.com/\n{type}",
  "https://a b.com",
])("refuses the URL %j", async (wrong) => {
  const acme = await givenAccount();
  expect(await acme.call("POST", "/webhooks", { url: wrong })).toAnswer(400, "url_invalid");
});
