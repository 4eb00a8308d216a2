import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../src/platform/errors";
import { callAsOperator } from "../../support/call";
import { givenTag } from "../../support/fleet";
import { givenAccount } from "../../support/given-account";

const NOWHERE = { name: null, country: null, country_code: null, mcc: null, mnc: null };

/** A SIM that has done nothing yet. */
function untouched(id: string, iccid: string) {
  const now = new Date();
  const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
  return {
    id,
    iccid,
    imsi: null,
    msisdn: null,
    eid: null,
    label: null,
    network_whitelist: null,
    imei_lock: null,
    imei: null,
    connector: null,
    activated: true,
    ipv4: null,
    online: false,
    online_at: null,
    last_came_online_at: null,
    last_seen_at: null,
    network: NOWHERE,
    usage: 0,
    tags: [],
    data_limit: {
      used: 0,
      total: 10_000_000_000,
      type: "monthly",
      period: now.toISOString().slice(0, 7).replace("-", ""),
      alert_threshold: null,
      resets_at: new Date(next).toISOString(),
    },
    technologies: { sms: true, "2g_3g": true, "4g": true },
  };
}

it("answers a SIM whole, made by the classic API, with an ICCID of its own", async () => {
  const acme = await givenAccount();
  await acme.givenSim({ id: "005120030" });
  const sim = untouched("005120030", "89457300000051200304");
  expect(await acme.call("GET", "/sims/005120030")).toAnswer(200, sim);
  expect(await acme.call("GET", "/sims")).toAnswer(200, {
    pagination: { has_more: false },
    sims: [sim],
  });
});

it.each(["005120030", "8945730000005120030", "89457300000051200304"])(
  "knows the SIM as %s",
  async (ref) => {
    const acme = await givenAccount();
    await acme.givenSim({ id: "005120030" });
    expect((await acme.call("GET", `/sims/${ref}`)).json.id).toBe("005120030");
    expect((await acme.call("PATCH", `/sims/${ref}`, { label: ref })).json.label).toBe(ref);
  },
);

it("shows the numbers of the card that the operator issued, before and after", async () => {
  const acme = await givenAccount();
  const card = {
    iccid: "89450000000000000017",
    imsi: "234500000000001",
    msisdn: "4712345678",
    eid: null,
    ipv4: "100.66.131.197",
  };
  const issue = (id: string, numbers: object) =>
    callAsOperator("PUT", "/operator/sims", { sims: [{ id, account_id: acme.id, ...numbers }] });
  await issue("000000001", card);
  await acme.givenSim({ id: "000000001" });
  expect((await acme.call("GET", "/sims/000000001")).json).toMatchObject(card);
  const other = {
    iccid: "89450000000000000025",
    imsi: "234500000000002",
    msisdn: null,
    eid: null,
    ipv4: null,
  };
  await issue("000000001", other);
  expect((await acme.call("GET", `/sims/${other.iccid}`)).json).toMatchObject(other);
  expect(await acme.call("GET", `/sims/${card.iccid}`)).toAnswer(404, "sim_not_found");
});

it("does not know another account's SIM, by whatever name", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await acme.givenSim({ id: "005120030" });
  for (const ref of ["005120030", "8945730000005120030", "89457300000051200304", "000000009"]) {
    expect(await globex.call("GET", `/sims/${ref}`)).toAnswer(404, "sim_not_found");
    expect(await globex.call("PATCH", `/sims/${ref}`, {})).toAnswer(404, "sim_not_found");
  }
});

it.each([
  "x",
  "12345678",
  "1234567890",
  "89457300000051200",
  "89457300000051200304567",
  "00512003%00",
])("refuses %s as a SIM's name", async (ref) => {
  const acme = await givenAccount();
  expect(await acme.call("GET", `/sims/${ref}`)).toAnswer(400, "sim_id_invalid");
});

describe("a change", () => {
  it("sets what it names, and leaves the rest as it is", async () => {
    const acme = await givenAccount();
    const id = await acme.givenSim({ alias: "drone", connector: await acme.givenConnector() });
    await acme.call("POST", "/network-whitelists", { name: "Nordics" });
    const tag = await givenTag(acme, "Containers");
    const before = (await acme.call("GET", `/sims/${id}`)).json;
    const patch = {
      network_whitelist: "Nordics",
      imei_lock: "358299840000001",
      activated: false,
      tags: [tag, tag],
      data_limit: { total: 2_000_000, alert_threshold: 1_000_000 },
      technologies: { "2g_3g": false },
    };
    const expected = {
      ...before,
      ...patch,
      tags: [{ name: "Containers", id: tag, can_write: true, color: null }],
      data_limit: { ...before.data_limit, ...patch.data_limit },
      technologies: { sms: true, "2g_3g": false, "4g": true },
    };
    expect(await acme.call("PATCH", `/sims/${id}`, patch)).toAnswer(200, expected);
    expect(await acme.call("GET", `/sims/${id}`)).toAnswer(200, expected);
    const classic = { id, alias: "drone", active: false, connector: "my-connector" };
    expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, classic);

    const cleared = { label: null, network_whitelist: null, imei_lock: null, connector: null };
    const limit = { data_limit: { alert_threshold: null } };
    const { json } = await acme.call("PATCH", `/sims/${id}`, { ...cleared, ...limit, tags: [] });
    expect(json).toMatchObject({ ...cleared, tags: [], activated: false });
    expect(json.data_limit).toMatchObject({ total: 2_000_000, alert_threshold: null });
  });

  it("takes back a whole SIM as it was read, and changes nothing by it", async () => {
    const acme = await givenAccount();
    const id = await acme.givenSim({ alias: "drone" });
    await acme.call("PUT", `/sims/${id}/tags/${await givenTag(acme, "x")}`);
    const { json: sim } = await acme.call("GET", `/sims/${id}`);
    expect(await acme.call("PATCH", `/sims/${id}`, sim)).toAnswer(200, sim);
  });

  it.each([
    [{ label: "" }, "label_invalid"],
    [{ label: 1 }, "label_invalid"],
    [{ network_whitelist: "" }, "network_whitelist_invalid"],
    [{ imei_lock: "123" }, "imei_lock_invalid"],
    [{ connector: "a b" }, "connector_invalid"],
    [{ activated: null }, "activated_invalid"],
    [{ activated: "true" }, "activated_invalid"],
    [{ data_limit: { total: 499_999 } }, "data_limit_invalid"],
    [{ data_limit: { total: 1_000_000, type: "daily" } }, "data_limit_invalid"],
    [{ data_limit: null }, "data_limit_invalid"],
    [{ tags: "x" }, "tags_invalid"],
    [{ tags: ["x"] }, "tags_invalid"],
    [{ technologies: { sms: "yes" } }, "technologies_invalid"],
    [{ colour: "red" }, "field_unknown"],
    [{ "<b>": 1 }, "field_unknown"],
  ] as const)("is refused as %j", async (patch, code) => {
    const acme = await givenAccount();
    const id = await acme.givenSim({ alias: "drone" });
    const before = (await acme.call("GET", `/sims/${id}`)).json;
    expect(await acme.call("PATCH", `/sims/${id}`, { label: "x", ...patch })).toAnswer(400, code);
    expect(await acme.call("GET", `/sims/${id}`)).toAnswer(200, before);
  });

  it("is refused for what the account does not have, then for a label that is taken", async () => {
    const [acme, globex] = [await givenAccount(), await givenAccount()];
    const id = await acme.givenSim();
    await acme.givenSim({ alias: "boat" });
    await globex.givenConnector("theirs");
    const theirs = await givenTag(globex, "theirs");
    const refuse = async (patch: object, status: number, code: ErrorCode) =>
      expect(await acme.call("PATCH", `/sims/${id}`, patch)).toAnswer(status, code);
    await refuse({ label: "boat", connector: "theirs" }, 404, "connector_not_found");
    await refuse({ label: "boat", network_whitelist: "x" }, 404, "network_whitelist_not_found");
    await refuse({ label: "boat", tags: [theirs] }, 404, "tag_not_found");
    await refuse({ label: "boat" }, 409, "label_conflict");
  });
});

describe("many changes", () => {
  it("are made each on its own, and answered in their order", async () => {
    const acme = await givenAccount();
    const [one, two, three] = [
      await acme.givenSim(),
      await acme.givenSim({ alias: "boat" }),
      await acme.givenSim({ id: "005120030" }),
    ];
    const answer = await acme.call("PATCH", "/sims/bulk", [
      { id: one, label: "first" },
      { id: "000000009", label: "nobody" },
      { id: three, label: "boat" },
      "x",
      { label: "no id" },
      { id: two, activated: false, colour: 1 },
      { id: "89457300000051200304", activated: false },
      { id: one, activated: false },
    ]);
    expect(answer.status).toBe(200);
    const said = answer.json.results.map(
      ({ sim, ...rest }: { sim?: { label: string; activated: boolean } }) =>
        sim ? { ...rest, label: sim.label, activated: sim.activated } : rest,
    );
    expect(said).toEqual([
      { index: 0, id: one, label: "first", activated: true },
      { index: 1, id: "000000009", error: "sim_not_found" },
      { index: 2, id: three, error: "label_conflict" },
      { index: 3, id: null, error: "change_invalid" },
      { index: 4, id: null, error: "id_invalid" },
      {
        index: 5,
        id: two,
        error: "field_unknown",
        detail: expect.stringContaining('"colour": no field of the body, which has'),
      },
      { index: 6, id: "89457300000051200304", error: "change_invalid" },
      { index: 7, id: one, error: "change_invalid" },
    ]);
  });

  it("may be a thousand", async () => {
    const acme = await givenAccount();
    const tag = await givenTag(acme, "all");
    const ids = await Promise.all(Array.from({ length: 20 }, () => acme.givenSim()));
    const changes = Array.from({ length: 1000 }, (_, n) => ({
      id: ids[n] ?? String(500_000_000 + n),
      tags: [tag],
    }));
    const { json } = await acme.call("PATCH", "/sims/bulk", changes);
    const ended = (wanted: string) =>
      json.results.filter((result: { error?: string }) => (result.error ?? "done") === wanted);
    expect([ended("done").length, ended("sim_not_found").length]).toEqual([20, 980]);
    const more = [...changes, { id: ids[0] }];
    expect(await acme.call("PATCH", "/sims/bulk", more)).toAnswer(400, "changes_invalid");
  });

  it.each(["{}", "[]", "null", "1", ""])("are refused as %j", async (body) => {
    const acme = await givenAccount();
    expect(await acme.call("PATCH", "/sims/bulk", body)).toAnswer(400, "changes_invalid");
  });
});

describe("a tag on a SIM", () => {
  it("is put there once, and taken away once", async () => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    const tag = await givenTag(acme, "Supplier");
    const path = `/sims/${id}/tags/${tag}`;
    expect(await acme.call("PUT", path)).toAnswer(200, { message: "OK" });
    const again = await acme.call("PUT", path);
    expect([again.status, again.text]).toEqual([400, '{"error":"tag_already_on_sim"}']);
    const tags = [{ name: "Supplier", id: tag, can_write: true, color: null }];
    expect((await acme.call("GET", `/sims/${id}`)).json.tags).toEqual(tags);
    expect(await acme.call("DELETE", `/tags/${tag}`)).toAnswer(409, "tag_in_use");
    expect(await acme.call("DELETE", path)).toAnswer(200, { message: "OK" });
    expect(await acme.call("DELETE", path)).toAnswer(400, "tag_not_on_sim");
    expect(await acme.call("DELETE", `/tags/${tag}`)).toAnswer(200, { message: "OK" });
  });

  it("is put there by one of two calls at once", async () => {
    const acme = await givenAccount();
    const [id, tag] = [await acme.givenSim(), await givenTag(acme, "x")];
    const put = () => acme.call("PUT", `/sims/${id}/tags/${tag}`);
    const statuses = (await Promise.all([put(), put(), put()])).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(2);
  });

  it("has to be there, and so has the SIM", async () => {
    const [acme, globex] = [await givenAccount(), await givenAccount()];
    const [id, tag] = [await acme.givenSim(), await givenTag(acme, "x")];
    const [theirSim, theirTag] = [await globex.givenSim(), await givenTag(globex, "x")];
    for (const method of ["PUT", "DELETE"]) {
      const refuse = async (sim: string, on: string, code: ErrorCode) =>
        expect(await acme.call(method, `/sims/${sim}/tags/${on}`)).toAnswer(404, code);
      await refuse(id, theirTag, "tag_not_found");
      await refuse(theirSim, tag, "sim_not_found");
      expect(await acme.call(method, `/sims/${id}/tags/x`)).toAnswer(400, "tag_id_invalid");
    }
  });
});

it("is the same SIM through both APIs", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim({ alias: "drone" });
  await acme.call("PATCH", `/sims/${id}`, { label: "boat", activated: false });
  expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, {
    id,
    alias: "boat",
    active: false,
  });
  await acme.call("PUT", "/sim", { id, alias: "plane" });
  expect((await acme.call("GET", `/sims/${id}`)).json).toMatchObject({
    label: "plane",
    activated: true,
  });
  await acme.call("DELETE", `/sim?id=${id}`);
  expect(await acme.call("GET", `/sims/${id}`)).toAnswer(404, "sim_not_found");
});
