import { expect, it } from "vitest";
import { stored } from "../../support/fleet";
import { usageOf } from "../../support/events";
import { countingD1 } from "../../support/counting";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { storedIn } from "../../support/stored";

const ifMatch = (tag: string) => ({ headers: { "if-match": tag } });

async function tagOf(account: GivenAccount, id: string): Promise<string> {
  const [fleet, classic] = [
    await account.call("GET", `/sims/${id}`),
    await account.call("GET", `/sim?id=${id}`),
  ];
  const tag = classic.headers.get("etag") ?? "";
  expect(tag).toMatch(/^"[^"]+"$/);
  // The fleet API's SIM also holds what events change: the tag stays then.
  expect(fleet.headers.get("etag")).toBe(`W/${tag}`);
  return tag;
}

it("gives a SIM another ETag with each change of a caller, in both APIs", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const connector = await acme.givenConnector();
  const tag = await acme.givenTag("Drones");
  await acme.call("POST", "/network-whitelists", { name: "mine" });
  const changes: [method: string, path: string, body?: object][] = [
    ["PATCH", `/sims/${id}`, { label: "drone" }],
    ["PATCH", `/sims/${id}`, { network_whitelist: "mine" }],
    ["PATCH", `/sims/${id}`, { imei_lock: "358299840000001" }],
    ["PATCH", `/sims/${id}`, { connector }],
    ["PATCH", `/sims/${id}`, { activated: false }],
    ["PATCH", `/sims/${id}`, { data_limit: { total: 1_000_000 } }],
    ["PATCH", `/sims/${id}`, { technologies: { sms: false } }],
    ["PATCH", `/sims/${id}`, { tags: [tag.id] }],
    ["DELETE", `/sims/${id}/tags/${tag.id}`],
    ["PUT", `/sims/${id}/tags/${tag.id}`],
    ["PUT", "/sim", { id, alias: "boat" }],
  ];
  const seen = new Set([await tagOf(acme, id)]);
  for (const [method, path, body] of changes) {
    const answer = await acme.call(method, path, body);
    expect([path, answer.status]).toEqual([path, 200]);
    const now = await tagOf(acme, id);
    expect(seen).not.toContain(now);
    seen.add(now);
    expect(answer.headers.get("etag")).toBe(path === "/sim" ? now : `W/${now}`);
  }
  await acme.call("PATCH", "/sims/bulk", [{ id, activated: true }]);
  const bulk = await tagOf(acme, id);
  expect(seen).not.toContain(bulk);
  await acme.call("DELETE", `/sim?id=${id}`);
  await acme.givenSim({ id });
  expect([...seen, bulk]).not.toContain(await tagOf(acme, id));
});

it("leaves the ETag as it is for what events tell, and for a change of nothing", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const before = await tagOf(acme, id);
  await stored(usageOf(id, {}));
  await acme.call("PATCH", `/sims/${id}`, {});
  expect(await tagOf(acme, id)).toBe(before);
});

it("answers 304 where the classic SIM is still the same, and the whole SIM of the fleet API in any case", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim({ alias: "drone" });
  const tag = await tagOf(acme, id);
  const ask = (path: string, value: string) =>
    acme.call("GET", path, undefined, { headers: { "if-none-match": value } });
  for (const value of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const { status, text, headers } = await ask(`/sim?id=${id}`, value);
    expect({ status, text, tag: headers.get("etag") }).toEqual({ status: 304, text: "", tag });
    expect((await ask(`/sims/${id}`, value)).status).toBe(200);
  }
  expect((await ask(`/sim?id=${id}`, '"other"')).status).toBe(200);
  expect((await ask("/sim?id=000000009", "*")).status).toBe(404);
  await acme.call("PATCH", `/sims/${id}`, { label: "boat" });
  expect((await ask(`/sim?id=${id}`, tag)).status).toBe(200);
});

type Call = [method: string, path: string, body?: object];

/** A call that changes a SIM. */
const CHANGES: [name: string, given: (acme: GivenAccount, id: string) => Call | Promise<Call>][] = [
  ["PATCH /sims/{sim_id}", (_, id) => ["PATCH", `/sims/${id}`, { label: "boat" }]],
  ["PUT /sim", (_, id) => ["PUT", "/sim", { id, alias: "boat" }]],
  ["DELETE /sim", (_, id) => ["DELETE", `/sim?id=${id}`]],
  [
    "PUT /sims/{sim_id}/tags/{tag_id}",
    async (acme, id) => ["PUT", `/sims/${id}/tags/${(await acme.givenTag("Boats")).id}`],
  ],
  [
    "DELETE /sims/{sim_id}/tags/{tag_id}",
    async (acme, id) => {
      const path = `/sims/${id}/tags/${(await acme.givenTag("Boats")).id}`;
      await acme.call("PUT", path);
      return ["DELETE", path];
    },
  ],
];

it.each(CHANGES)("%s happens only to a SIM that is as If-Match says", async (_, change) => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const [method, path, body] = await change(acme, id);
  const send = (tag: string) => acme.call(method, path, body, ifMatch(tag));
  const old = await tagOf(acme, id);
  await acme.call("PATCH", `/sims/${id}`, { imei_lock: "358299840000001" });
  const before = await storedIn("sims");
  for (const stale of [old, '"x"', `${old}, "x"`, `W/${old}`, '""'])
    expect(await send(stale)).toAnswer(412, "changed_meanwhile");
  expect(await storedIn("sims")).toEqual(before);
  for (const malformed of ["x", "", '"', '"a" "b"', "'a'", '"a",', `"${"a".repeat(2000)}"`])
    expect(await send(malformed)).toAnswer(400, "if_match_invalid");
  const current = await tagOf(acme, id);
  expect((await send(`"x", W/${current}`)).status).toBe(200);
});

it.each(CHANGES)("%s takes * for whatever is there", async (_, change) => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const [method, path, body] = await change(acme, id);
  const send = (tag: string) => acme.call(method, path, body, ifMatch(tag));
  expect((await send("*")).status).toBe(200);
  await acme.call("DELETE", `/sim?id=${id}`);
  for (const tag of ["*", '"x"']) expect(await send(tag)).toAnswer(404, "sim_not_found");
});

it("tells of the change before it tells of a conflict", async () => {
  const acme = await givenAccount();
  await acme.givenSim({ alias: "boat" });
  const id = await acme.givenSim();
  for (const body of [{ label: "boat" }, { connector: "nowhere" }])
    expect(await acme.call("PATCH", `/sims/${id}`, body, ifMatch('"x"'))).toAnswer(
      412,
      "changed_meanwhile",
    );
  expect(await acme.call("PUT", "/sim", { id, alias: "boat" }, ifMatch('"x"'))).toAnswer(
    412,
    "changed_meanwhile",
  );
});

it("lets one of 20 callers through that read the same", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const tag = await tagOf(acme, id);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0
        ? acme.call("PATCH", `/sims/${id}`, { label: `label ${index}` }, ifMatch(tag))
        : acme.call("PUT", "/sim", { id, alias: `label ${index}` }, ifMatch(tag)),
    ),
  );
  const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
  expect(statuses).toEqual([200, ...Array<number>(19).fill(412)]);
});

it("costs no round trip more", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const tag = await tagOf(acme, id);
  const { counts, d1 } = countingD1();
  const env = { DB: d1 };
  const options = { ...ifMatch(tag), env };
  expect((await acme.call("PATCH", `/sims/${id}`, { label: "boat" }, options)).status).toBe(200);
  expect(counts.roundTrips).toBe(1);
});
