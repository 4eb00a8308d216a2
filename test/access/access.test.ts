import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openPrimary } from "../../src/db/client";
import { readFeed } from "../../src/api/feed/read";
import { registrationOf, usageOf } from "../support/events";
import { newSimId } from "../support/given-account";
import { givenNorth } from "../support/given-north";
import { stored } from "../support/fleet";
import { givenPipeline, givenReceivers } from "../support/pipeline";
import { everythingStored } from "../support/stored";

const A_CONNECTOR = { type: "https", options: { url: "https://a.example.net/" } };
const SINCE = "2020-01-01T00:00:00Z";

/** An account with two tags, a key of the first, and a SIM that carries each, both and none. */
async function givenSims() {
  const given = await givenNorth();
  const { acme, north, south, givenTagged } = given;
  const own = await givenTagged([north]);
  const shared = await givenTagged([north, south]);
  const [other, bare] = [await givenTagged([south]), await acme.givenSim()];
  return { ...given, own, shared, other, bare };
}

const idsOf = (things: { id: string }[]) => things.map(({ id }) => id);

describe("SIMs", () => {
  it("are those that carry one of the key's tags", async () => {
    const { acme, south, key, own, shared, other } = await givenSims();
    expect(idsOf((await key.call("GET", "/sims")).json.sims)).toEqual([own, shared]);
    const filtered = await key.call("GET", `/sims?filter=tag:${south}`);
    expect(idsOf(filtered.json.sims)).toEqual([shared]);
    const [north] = (await key.call("GET", "/tags/search/tags")).json.result;
    const both = await acme.givenKey({ tags: [north.id, south] });
    for (const sort of ["id", "-id", "label", "-usage", "last_came_online_at"]) {
      const { sims } = (await both.call("GET", `/sims?sort=${sort}`)).json;
      expect(idsOf(sims).toSorted()).toEqual([own, shared, other]);
    }
  });

  it("say of each tag whether the key may change what carries it", async () => {
    const { key, north, south, shared } = await givenSims();
    const { tags } = (await key.call("GET", `/sims/${shared}`)).json;
    expect(tags).toEqual([
      { name: "north", id: north, can_write: true, color: null },
      { name: "south", id: south, can_write: false, color: null },
    ]);
  });

  it("carry the key's tags when it makes them", async () => {
    const { acme, key, north } = await givenSims();
    const id = newSimId();
    expect(await key.call("POST", "/sim", { id })).toAnswer(200);
    const { tags } = (await acme.call("GET", `/sims/${id}`)).json;
    expect(idsOf(tags)).toEqual([north]);
    const none = await acme.givenKey({ tags: [] });
    const refused = await none.call("POST", "/sim", { id: newSimId() });
    expect(refused).toAnswer(403, "tag_forbidden");
  });

  it("that were others' are not made again to read what they did", async () => {
    const { acme, key, other } = await givenSims();
    const pipeline = givenPipeline();
    await pipeline.report(usageOf(other));
    await pipeline.storeAll();
    await acme.call("DELETE", `/sim?id=${other}`);
    expect(await key.call("POST", "/sim", { id: other })).toAnswer(403, "id_forbidden");
    expect(await acme.call("POST", "/sim", { id: other })).toAnswer(200);
  });

  it("get and lose the key's tags only, and keep one of them", async () => {
    const { acme, key, north, south, own, shared } = await givenSims();
    const second = (await acme.givenTag("north-west")).id;
    await acme.call("PATCH", `/keys/${key.id}`, { tags: [north, second] });
    const patch = (id: string, tags: string[]) => key.call("PATCH", `/sims/${id}`, { tags });
    for (const [id, tags] of [
      [own, []],
      [own, [north, south]],
      [shared, [north]],
      [shared, [south]],
      [own, ["00000000-0000-4000-8000-000000000000", north]],
    ] as const)
      expect(await patch(id, [...tags])).toAnswer(403, "tag_forbidden");
    const bulk = await key.call("PATCH", "/sims/bulk", [{ id: shared, tags: [north] }]);
    expect(bulk.json.results).toEqual([{ index: 0, id: shared, error: "tag_forbidden" }]);
    expect(await key.call("DELETE", `/sims/${own}/tags/${north}`)).toAnswer(403, "tag_forbidden");
    expect(await key.call("PUT", `/sims/${own}/tags/${second}`)).toAnswer(200);
    expect(await key.call("DELETE", `/sims/${own}/tags/${north}`)).toAnswer(200);
    expect(idsOf((await patch(shared, [second, south])).json.tags)).toEqual([second, south]);
  });

  it("keep a connector and a network list that are out of the key's sight, and get no other", async () => {
    const { acme, key, south, own } = await givenSims();
    for (const name of ["one", "two"]) {
      await acme.call("POST", "/connectors", { name, ...A_CONNECTOR, tags: [south] });
      await acme.call("POST", "/network-whitelists", { name, tags: [south] });
    }
    await acme.call("PATCH", `/sims/${own}`, { connector: "one", network_whitelist: "one" });
    const sim = (await key.call("GET", `/sims/${own}`)).json;
    expect((await key.call("PATCH", `/sims/${own}`, { ...sim, label: "x" })).json.label).toBe("x");
    const classic = { id: own, alias: "y", connector: "one" };
    expect(await key.call("PUT", "/sim", classic)).toAnswer(200);
    const connector = await key.call("PATCH", `/sims/${own}`, { connector: "two" });
    expect(connector).toAnswer(404, "connector_not_found");
    const list = await key.call("PATCH", `/sims/${own}`, { network_whitelist: "two" });
    expect(list).toAnswer(404, "network_whitelist_not_found");
    const replaced = await key.call("PUT", "/sim", { ...classic, connector: "two" });
    expect(replaced).toAnswer(404, "connector_not_found");
  });
});

describe("connectors, network lists and webhooks", () => {
  it.each([
    ["/connectors", { name: "mine", ...A_CONNECTOR }, "/connectors/mine"],
    ["/network-whitelists", { name: "mine" }, "/network-whitelists/mine"],
    ["/webhooks", { url: "https://receiver.acme.com/" }, undefined],
  ])("%s carry the key's tags, of which it takes the last from none", async (path, body, its) => {
    const { acme, key, north, south } = await givenSims();
    const made = await key.call("POST", path, body);
    expect(idsOf(made.json.tags)).toEqual([north]);
    const one = its ?? `${path}/${made.json.id}`;
    for (const tags of [[], [south], [north, south]])
      expect(await key.call("PATCH", one, { tags })).toAnswer(403, "tag_forbidden");
    expect((await key.call("PATCH", one, { tags: [north] })).status).toBe(200);
    await acme.call("PATCH", one, { tags: [north, south] });
    expect(idsOf((await key.call("GET", one)).json.tags)).toEqual([north, south]);
    expect((await key.call("GET", path)).json).toHaveLength(1);
    await acme.call("PATCH", one, { tags: [south] });
    expect((await key.call("GET", one)).status).toBe(404);
    expect((await key.call("GET", path)).json).toEqual([]);
    expect((await key.call("DELETE", one)).status).toBe(404);
  });

  it("the classic call makes a connector that carries the key's tags too", async () => {
    const { key, north } = await givenSims();
    await key.call("POST", "/connector", { id: "mine", ...A_CONNECTOR });
    expect(idsOf((await key.call("GET", "/connectors/mine")).json.tags)).toEqual([north]);
    expect(await key.call("DELETE", "/connector?id=mine")).toAnswer(200);
  });
});

describe("a webhook that has a tag which is not the key's", () => {
  it("is shown, and neither changed nor used: it is sent what the key must not see", async () => {
    const { acme, key, north, south } = await givenSims();
    const { id } = await acme.givenWebhook({ tags: [north, south] });
    const its = `/webhooks/${id}`;
    expect((await key.call("GET", its)).status).toBe(200);
    const before = await everythingStored();
    for (const [method, path, body] of [
      ["PATCH", its, { url: "https://elsewhere.example.com/" }],
      ["PATCH", its, { tags: [north] }],
      ["DELETE", its, undefined],
      ["GET", `${its}/deliveries`, undefined],
      ["POST", `${its}/replay`, { since: SINCE }],
      ["POST", `${its}/test`, {}],
      ["POST", `${its}/rotate-secret`, undefined],
    ] as const)
      expect(await key.call(method, path, body)).toAnswer(403, "tag_forbidden");
    expect(await everythingStored()).toEqual(before);
  });

  it("shows and sends again, once it is the key's alone, what is of the key's SIMs only", async () => {
    const { acme, key, north, own, other } = await givenSims();
    const { id } = await acme.givenWebhook();
    const pipeline = givenPipeline();
    const received = givenReceivers();
    await pipeline.report(usageOf(own, { id: "mine" }), usageOf(other, { id: "theirs" }));
    await pipeline.storeAll();
    await pipeline.deliverAll();
    expect(received.splice(0)).toHaveLength(2);
    await acme.call("PATCH", `/webhooks/${id}`, { tags: [north] });
    const { deliveries } = (await key.call("GET", `/webhooks/${id}/deliveries`)).json;
    expect(deliveries.map((one: { event_id: string }) => one.event_id)).toEqual(["mine"]);
    for (const status of [undefined, "accepted"]) {
      const wanted = { since: SINCE, status, type: "usage" };
      const replay = await key.call("POST", `/webhooks/${id}/replay`, wanted, {
        env: pipeline.env,
      });
      expect(replay).toAnswer(202, { events: 1 });
      await pipeline.replayAll();
      await pipeline.deliverAll();
      const sent = received.splice(0).map(({ headers }) => headers.get("webhook-id"));
      expect(sent).toEqual(["mine"]);
    }
  });
});

describe("usage", () => {
  /** Usage of each SIM, of several hours, days, countries and networks; bytes tell whose. */
  async function givenUsage() {
    const north = await givenSims();
    const pipeline = givenPipeline();
    const network = (mnc: string) => ({ network: { mcc: "238", mnc } });
    const of = (sim: string, upload: number) => [
      usageOf(sim, { upload, download: 0, time: "2026-03-01 01:00:00", ...network("01") }),
      usageOf(sim, { upload, download: 0, time: "2026-03-01 01:00:30", country_code: "de" }),
      usageOf(sim, { upload, download: 0, time: "2026-03-02 05:00:00", ...network("02") }),
      usageOf(sim, { upload, download: 0, time: "2026-04-01 00:00:00" }),
    ];
    const { own, shared, other, bare } = north;
    await pipeline.report(...of(own, 1), ...of(shared, 10), ...of(other, 100), ...of(bare, 1000));
    await pipeline.storeAll();
    return north;
  }

  it("is of the SIMs that carry the key's tags: records, sums and groups, in both APIs", async () => {
    const { acme, key, north, south, own, shared } = await givenUsage();
    const classic = (period: string) =>
      key.call("GET", `/usage?time_begin=2026-03-01T00:00:00Z&time_end=${period}`);
    const april = (await classic("2026-04-01T00:00:00Z")).json;
    expect([april.upload, april.usage.length]).toEqual(["33", 6]);
    const part = (await classic("2026-03-01T01:00:20Z")).json;
    expect([part.upload, part.usage.length]).toEqual(["11", 2]);
    const sums = async (group: string, filter = "") => {
      const path = `/usage?group=${group}&filter=time:2026-03${filter}`;
      const { usage, upload } = (await key.call("GET", path)).json;
      return [upload, usage.map(({ bytes }: { bytes: number }) => bytes)];
    };
    expect(await sums("sim")).toEqual(["33", [3, 30]]);
    expect(await sums("days")).toEqual(["33", [22, 11]]);
    expect(await sums("hours")).toEqual(["33", [22, 11]]);
    expect(await sums("months")).toEqual(["33", [33]]);
    expect(await sums("country")).toEqual(["33", [11, 22]]);
    expect(await sums("network")).toEqual(["33", [11, 11, 11]]);
    expect(await sums("country", "&filter=country_code:de")).toEqual(["11", [11]]);
    expect(await sums("hours", `&filter=sim_id:${own}`)).toEqual(["3", [2, 1]]);
    const records = (await key.call("GET", "/usage?filter=time:2026-03")).json;
    expect(new Set(records.usage.map(({ sim_id }: { sim_id: string }) => sim_id))).toEqual(
      new Set([own, shared]),
    );
    expect([records.usage.length, records.upload]).toEqual([6, "33"]);
    const total = await key.call("GET", `/usage/tag-total/${north}?filter=time:2026-03`);
    expect(total.json).toMatchObject({ bytes: 33, sims: 2 });
    const both = await acme.givenKey({ tags: [south, north] });
    const whole = await both.call("GET", "/usage?group=days&filter=time:2026-03");
    expect(whole.json.upload).toBe("333");
  });

  it.each(["/usage?filter=time:2026-03&limit=2", "/usage?time_begin=2026-03-01T00:00:00Z&limit=2"])(
    "goes on page by page: %s",
    async (path) => {
      const { key } = await givenUsage();
      const bills: string[] = [];
      for (let next = path; next;) {
        const { usage, pagination, upload } = (await key.call("GET", next)).json;
        expect(usage.length).toBeLessThanOrEqual(2);
        expect(upload).toMatch(/^(33|44)$/);
        bills.push(...usage.map(({ bill_id }: { bill_id: string }) => bill_id));
        next = pagination.has_more ? `${path}&next_page=${pagination.next_page}` : "";
      }
      expect(bills).toHaveLength(path.includes("filter") ? 6 : 8);
      expect(new Set(bills).size).toBe(bills.length);
    },
  );
});

describe("the feed", () => {
  it("holds events of the key's SIMs, and goes on over what it must not see", async () => {
    const { acme, key, north, own, other } = await givenSims();
    const pipeline = givenPipeline();
    for (const [index, sim] of [own, other, other, other, own].entries()) {
      await pipeline.report(usageOf(sim, { id: `u${index}` }), registrationOf(other));
      await pipeline.storeAll();
    }
    const ids: string[] = [];
    let pages = 0;
    for (let after: [number, number] | undefined = [0, 0]; after; pages += 1) {
      const access = { accountId: acme.id, tags: [north] };
      const page = await readFeed(openPrimary(env.DB), access, { after, since: 0, limit: 10 }, 4);
      ids.push(...idsOf(page.events));
      const bytes = Uint8Array.fromBase64(page.pagination.next_page, { alphabet: "base64url" });
      after = page.pagination.has_more ? JSON.parse(new TextDecoder().decode(bytes)) : undefined;
    }
    expect([ids, pages]).toEqual([["u0", "u4"], 2]);
    const whole = (await key.call("GET", "/events?limit=1")).json;
    expect(idsOf(whole.events)).toEqual(["u0"]);
    const rest = await key.call("GET", `/events?after=${whole.pagination.next_page}`);
    expect(idsOf(rest.json.events)).toEqual(["u4"]);
    expect(rest.json.pagination.has_more).toBe(false);
    const later = await key.call("GET", `/events?after=${rest.json.pagination.next_page}`);
    expect(later.json.events).toEqual([]);
    expect((await key.call("GET", "/events/u4")).status).toBe(200);
    expect(await key.call("GET", "/events/u1")).toAnswer(404, "event_not_found");
  });
});

describe("an event by its id", () => {
  it("is not of another's SIM, whether its id was given or made", async () => {
    const { acme, key, own, other } = await givenSims();
    for (const sim of [own, other])
      await stored(
        usageOf(sim, { id: undefined }),
        registrationOf(sim, { id: undefined }),
        usageOf(sim, { id: `u${sim}` }),
        registrationOf(sim, { id: `n${sim}` }),
      );
    const { events } = (await acme.call("GET", "/events")).json;
    const seen: string[] = [];
    for (const { id, data } of events) {
      expect((await acme.call("GET", `/events/${id}`)).status).toBe(200);
      if ((await key.call("GET", `/events/${id}`)).status === 200) seen.push(data.sim_id);
    }
    expect(events).toHaveLength(8);
    expect(seen).toEqual([own, own, own, own]);
  });
});

describe("the audit log", () => {
  it("tells a narrowed key what it did, and what became of the SIMs that carry its tags", async () => {
    const { acme, key, own, other } = await givenSims();
    await acme.call("PATCH", `/sims/${other}`, { label: "theirs" });
    await acme.call("PATCH", `/sims/${own}`, { label: "mine" });
    await key.call("POST", "/connector", { id: "made", ...A_CONNECTOR });
    await acme.call("POST", "/connector", { id: "not-its", ...A_CONNECTOR });
    const { entries } = (await key.call("GET", "/audit-log")).json;
    const subjects = new Set(entries.map(({ subject }: { subject: string }) => subject));
    expect(subjects).toContain(own);
    expect(subjects).toContain("made");
    for (const hidden of [other, "not-its", acme.keyId]) expect(subjects).not.toContain(hidden);
  });
});
