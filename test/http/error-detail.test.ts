import { expect, it } from "vitest";
import { ERRORS } from "../../src/platform/errors";
import { call } from "../support/call";
import { givenAccount } from "../support/given-account";
import { callAs, PROTECTED_ROUTES } from "../support/protected-routes";

it.each<[string, string, unknown, string]>([
  ["POST", "/sim", { id: 192_837_465 }, "id: expected a string of nine digits, got a number"],
  ["POST", "/sim", { id: "19283746" }, 'id: expected a string of nine digits, got "19283746"'],
  ["POST", "/sim", { alias: "x" }, "id: expected a string of nine digits, got nothing"],
  [
    "POST",
    "/sim",
    { id: "192837465", active: "yes" },
    "active: expected true or false, got a string",
  ],
  ["PATCH", "/sims/192837465", "[]", "the body: expected a JSON object, got another value"],
  ["PATCH", "/sims/192837465", "{", "the body: expected JSON"],
  [
    "PATCH",
    "/sims/192837465",
    '{"label":1,"label":2}',
    "the body: an object in it has a name twice",
  ],
  ["POST", "/webhooks", undefined, "the body: expected a JSON object, got nothing"],
  ["GET", "/sims?limit=0", undefined, "limit: expected a whole number from 1 to 1000, got 0"],
  [
    "GET",
    "/sims?next_page=x",
    undefined,
    'next_page: expected the next_page of the page before, got "x"',
  ],
  ["GET", "/sims?filter=x", undefined, "filter: expected key:value, each key once"],
  [
    "PATCH",
    "/sims/192837465",
    { data_limit: { total: 5 } },
    "data_limit.total: expected at least 500000, got 5",
  ],
  [
    "PATCH",
    "/sims/192837465",
    { technologies: { "5g": true } },
    '"5g": no field of technologies, which has sms, 2g_3g, 4g',
  ],
  [
    "POST",
    "/tags",
    { name: "x", colour: "#ff0000" },
    '"colour": no field of the body, which has name, color',
  ],
  [
    "POST",
    "/connectors",
    { name: "mine", type: "https", options: { url: "https://example.com/" }, colour: 1 },
    '"colour": no field of the body, which has name, type, options, passthrough, tags, meta',
  ],
  [
    "POST",
    "/connectors",
    { name: "mine", type: "http", options: {} },
    'type: expected one of https, tls, microsoft_azure_iot, aws_iot_core, got "http"',
  ],
  [
    "GET",
    "/tags/search/tags?limt=1",
    undefined,
    '"limt": no parameter of this call, which takes limit, offset',
  ],
  [
    "GET",
    "/usage?group=day",
    undefined,
    'group: expected one of hours, days, months, sim, country, network, got "day"',
  ],
])(
  "%s %s %j: says which value is wrong, and what was expected",
  async (method, path, body, detail) => {
    const acme = await givenAccount();
    const { status, headers, json } = await acme.call(method, path, body);
    expect([status, headers.get("x-error-detail")]).toEqual([400, detail]);
    expect(headers.get("link")).toContain(`/docs#${json.error}>`);
  },
);

it("says what the code means where there is no more to say", async () => {
  const acme = await givenAccount();
  for (const [path, code] of [
    ["/sim?id=192837465", "sim_not_found"],
    ["/nowhere", "not_found"],
  ] as const) {
    const { headers } = await acme.call("GET", path);
    expect(headers.get("x-error-detail")).toBe(ERRORS[code][1]);
  }
});

it("has a sentence of visible ASCII for every code", () => {
  for (const [, sentence] of Object.values(ERRORS)) expect(sentence).toMatch(/^[ -~]{1,200}$/);
});

it("quotes its caller escaped and cut, whatever is sent", async () => {
  const acme = await givenAccount();
  const hostile = [
    "\r\nset-cookie: a=b",
    "\u0000\u001b[31m",
    "ä🚤\ud800",
    "x".repeat(10_000),
    '"\\',
  ];
  for (const text of hostile) {
    const answers = [
      await acme.call("POST", "/sim", { id: text }),
      await acme.call("POST", "/tags", { name: "x", [text]: 1 }),
      await acme.call("GET", `/sims?${new URLSearchParams({ [text]: "1" }).toString()}`),
      await acme.call("GET", `/sims/${encodeURIComponent(text.toWellFormed())}`),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBe(400);
      expect(headers.get("x-error-detail")).toMatch(/^[ -~]{1,200}$/);
      expect(headers.get("set-cookie")).toBeNull();
    }
  }
});

it("repeats no secret", async () => {
  const acme = await givenAccount();
  const secret = "geheim\u0000";
  const answers = [
    await acme.call("POST", "/webhooks", { url: `https://u:${secret}@example.com/` }),
    await acme.call("POST", "/webhooks", { url: "https://example.com/", authorization: secret }),
    await acme.call("POST", "/connector", {
      id: "mine",
      type: "microsoft_azure_iot",
      options: { connection_string: [secret] },
    }),
    await acme.call("POST", "/connector", {
      id: "mine",
      type: "https",
      options: { url: "https://example.com/", authorization: secret },
    }),
  ];
  for (const { status, headers } of answers) {
    expect(status).toBe(400);
    expect(headers.get("x-error-detail")).not.toContain("geheim");
  }
});

it("says of each entry of a list what is wrong with it", async () => {
  const acme = await givenAccount();
  const { json } = await acme.call("PATCH", "/sims/bulk", [{ id: "192837465", label: 1 }]);
  const detail = "label: expected 1 to 100 characters without control characters, got a number";
  expect(json.results).toEqual([{ index: 0, id: "192837465", error: "label_invalid", detail }]);
});

it.each(PROTECTED_ROUTES)(
  "$method $path refuses a parameter that it does not know",
  async (route) => {
    const acme = await givenAccount();
    const send = callAs(route.caller, acme);
    const body = route.takesBody ? {} : undefined;
    for (const name of ["limt", "LIMIT", "__proto__", "actor[x]", ""]) {
      const query = new URLSearchParams({ [name]: "1" }).toString();
      const answer = await send(route.method, `${route.url}?${query}`, body);
      expect(answer).toAnswer(400, "parameter_unknown");
      expect(answer.headers.get("x-error-detail")).toContain(
        `"${name}": no parameter of this call`,
      );
    }
  },
);

it("takes parameters with a key alone: whoever has none learns nothing of them", async () => {
  expect(await call("GET", "/sims?limt=1")).toAnswer(401, "unauthorized");
});

it("takes the second name that some clients have for a parameter", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const { json } = await acme.call("GET", `/sims/find?query=${id}`);
  expect(json.map((sim: { id: string }) => sim.id)).toEqual([id]);
});
