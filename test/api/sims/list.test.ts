import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { allOf } from "../../../src/access/access";
import { openPrimary } from "../../../src/db/client";
import { writeCursor } from "../../../src/http/pagination";
import { listSims, SimsQuery } from "../../../src/api/sims/list/list";
import { countingD1 } from "../../support/counting";
import { givenTag, inMinutes, pagesOfSims, stored } from "../../support/fleet";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { registrationOf, usageOf } from "../../support/events";

/** Twelve SIMs, alike in nothing: by their number from 0. */
async function givenFleet(acme: GivenAccount): Promise<string[]> {
  await acme.givenConnector("my-connector");
  await acme.call("POST", "/network-whitelists", { name: "Nordics" });
  const tag = await givenTag(acme, "Containers");
  const ids: string[] = [];
  for (let n = 0; n < 12; n += 1) {
    const id = await acme.givenSim(n % 2 ? { alias: `label ${String(7 - n)}` } : {});
    ids.push(id);
    await acme.call("PATCH", `/sims/${id}`, {
      activated: n % 3 > 0,
      connector: n % 4 ? null : "my-connector",
      network_whitelist: n % 5 ? null : "Nordics",
      tags: n % 6 ? [] : [tag],
    });
  }
  await stored(
    ...ids.slice(0, 8).map((id, n) =>
      registrationOf(id, {
        time: inMinutes(-100 + ((n * 5) % 8)),
        country_code: n % 2 ? "SE" : "dk",
        imei: `3582998400000${String(n % 3)}0`,
      }),
    ),
    ...ids
      .slice(4)
      .map((id, n) => usageOf(id, { time: inMinutes(-1), upload: ((n * 3) % 8) * 1000 })),
    { type: "network-deregistration", time: inMinutes(0), sim_id: ids[0] },
  );
  return ids;
}

interface Listed {
  id: string;
  label: string | null;
  activated: boolean;
  online: boolean;
  connector: string | null;
  network_whitelist: string | null;
  imei: string | null;
  network: { country_code: string | null };
  tags: { id: string; name: string }[];
  usage: number;
  last_came_online_at: string | null;
}

/** All SIMs of the account, as they are. */
async function everySim(acme: GivenAccount): Promise<Listed[]> {
  return (await acme.call("GET", "/sims")).json.sims;
}

const FILTERS: [filter: string, passes: (sim: Listed) => boolean][] = [
  ["online:true", ({ online }) => online],
  ["online:false", ({ online }) => !online],
  ["activated:true", ({ activated }) => activated],
  ["activated:false", ({ activated }) => !activated],
  ["connector:my-connector", ({ connector }) => connector === "my-connector"],
  ["network_whitelist:Nordics", ({ network_whitelist }) => network_whitelist === "Nordics"],
  ["imei:358299840000010", ({ imei }) => imei === "358299840000010"],
  ["country_code:SE", ({ network }) => network.country_code === "SE"],
  ["country_code:dk", ({ network }) => network.country_code === "DK"],
  ["tag:Containers", ({ tags }) => tags.some(({ name }) => name === "Containers")],
];

const SORTS: [sort: string, of: (sim: Listed) => string | number][] = [
  ["id", ({ id }) => id],
  ["label", ({ label, id }) => `${label ?? ""} ${id}`],
  ["usage", ({ usage }) => usage],
  ["last_came_online_at", ({ last_came_online_at }) => last_came_online_at ?? ""],
];

function isSorted(values: (string | number)[], down: boolean): boolean {
  const ordered = down ? values.toReversed() : values;
  return ordered.every((value, index) => index === 0 || (ordered[index - 1] ?? value) <= value);
}

it("filters by each key, and sorts by each field, in pages of any size", async () => {
  const acme = await givenAccount();
  const ids = await givenFleet(acme);
  const all = await everySim(acme);
  const byId = new Map(all.map((sim) => [sim.id, sim]));
  expect(all.map(({ id }) => id)).toEqual(ids);
  for (const [filter, passes] of [["", () => true] as const, ...FILTERS]) {
    const expected = all.filter(passes).map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(0);
    for (const [field, of] of SORTS)
      for (const down of [false, true]) {
        const sort = down ? `-${field}` : field;
        const query = `limit=3&sort=${sort}${filter && `&filter=${filter}`}`;
        const pages = await pagesOfSims(acme, query);
        const listed = pages.flat();
        expect(listed.toSorted()).toEqual(expected);
        const values = listed.flatMap((id) => byId.get(id) ?? []).map(of);
        expect(isSorted(values, down)).toBe(true);
      }
  }
}, 30_000);

it("takes several filters together, in each of the forms that clients write", async () => {
  const acme = await givenAccount();
  await givenFleet(acme);
  const all = await everySim(acme);
  const expected = all.filter(({ online, activated }) => online && activated).map(({ id }) => id);
  for (const query of [
    "filter[]=online:true&filter[]=activated:true",
    "filter%5B%5D=online%3Atrue&filter%5B%5D=activated%3Atrue",
    "filter=online:true&filter=activated:true",
    "filter[online]=true&filter[activated]=true",
    "filter=online:true&filter[]=activated:true",
  ])
    expect((await pagesOfSims(acme, `limit=2&${query}`)).flat()).toEqual(expected);
});

it("goes on where the cursor says, whatever filter and sort stand beside it", async () => {
  const acme = await givenAccount();
  await givenFleet(acme);
  const first = await acme.call("GET", "/sims?limit=2&filter=online:true&sort=-id");
  const { next_page } = first.json.pagination;
  expect(next_page).toMatch(/^[-\w]+$/);
  const next = await acme.call("GET", `/sims?limit=2&filter=online:false&next_page=${next_page}`);
  const same = await acme.call(
    "GET",
    `/sims?limit=2&filter=online:true&sort=-id&next_page=${next_page}`,
  );
  expect(next.json).toEqual(same.json);
  expect(next.json.sims.every(({ online }: Listed) => online)).toBe(true);
});

it.each([
  ["limit=0", "limit_invalid"],
  ["limit=1001", "limit_invalid"],
  ["sort=imei", "sort_invalid"],
  ["sort=--id", "sort_invalid"],
  ["filter=online", "filter_invalid"],
  ["filter=online:yes", "filter_invalid"],
  ["filter=:true", "filter_invalid"],
  ["filter=colour:red", "filter_invalid"],
  ["filter=online:true&filter=online:false", "filter_invalid"],
  ["filter[online]=", "filter_invalid"],
  ["next_page=x", "next_page_invalid"],
] as const)("refuses %s", async (query, code) => {
  const acme = await givenAccount();
  expect(await acme.call("GET", `/sims?${query}`)).toAnswer(400, code);
});

describe("where no index has both the filter and the order", () => {
  const list = async (acme: GivenAccount, query: object) => {
    const ids: string[] = [];
    let pages = 0;
    let next_page: string | undefined;
    do {
      const asked = SimsQuery.parse({ limit: 3, ...query, ...(next_page && { next_page }) });
      const bounds = { scanned: 4, sorted: 2 };
      const page = await listSims(openPrimary(env.DB), allOf(acme.id), asked, bounds);
      ids.push(...page.sims.map(({ id }) => id));
      next_page = page.pagination.next_page;
      pages += 1;
    } while (next_page !== undefined);
    return { ids, pages };
  };

  it("looks through a bounded part of the fleet a page, and still comes to its end", async () => {
    const acme = await givenAccount();
    await givenFleet(acme);
    const all = await everySim(acme);
    const expected = all.filter(({ activated }) => !activated);
    const { ids, pages } = await list(acme, { sort: "-label", "filter[]": ["activated:false"] });
    expect(ids.toSorted()).toEqual(expected.map(({ id }) => id));
    expect(pages).toBeGreaterThan(2);
    const both = { "filter[]": ["online:true", "activated:true"] };
    const passing = all.filter(({ online, activated }) => online && activated);
    expect((await list(acme, both)).ids).toEqual(passing.map(({ id }) => id));
  });

  it("sorts what a filter leaves, where that is little", async () => {
    const acme = await givenAccount();
    await givenFleet(acme);
    const query = { sort: "-usage", "filter[]": ["tag:Containers"], limit: 2 };
    const { ids, pages } = await list(acme, query);
    expect([ids.length, pages]).toEqual([2, 1]);
  });
});

it("reads at most two rows of the page for each SIM, and makes one round trip", async () => {
  const acme = await givenAccount();
  await givenFleet(acme);
  await acme.call("GET", "/sims");
  for (const query of ["", "filter=online:true", "filter=tag:Containers", "sort=-usage"]) {
    const { counts, d1 } = countingD1();
    const answer = await acme.call("GET", `/sims?${query}`, undefined, { env: { DB: d1 } });
    expect(counts.roundTrips).toBe(1);
    expect(counts.rowsRead).toBeLessThanOrEqual(4 * answer.json.sims.length + 50);
  }
});

it("keeps another account's SIMs out of every filter", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await givenFleet(acme);
  for (const [filter] of FILTERS)
    for (const [sort] of SORTS)
      expect(await pagesOfSims(globex, `filter=${filter}&sort=${sort}`)).toEqual([[]]);
});

it("takes a tag's id in capitals", async () => {
  const acme = await givenAccount();
  const [sim, tag] = [await acme.givenSim(), await acme.givenTag("north")];
  await acme.call("PATCH", `/sims/${sim}`, { tags: [tag.id] });
  const { sims } = (await acme.call("GET", `/sims?filter=tag:${tag.id.toUpperCase()}`)).json;
  expect(sims.map(({ id }: { id: string }) => id)).toEqual([sim]);
});

it("takes a cursor of the longest filters there are, and none of more than 8,192 characters", async () => {
  const acme = await givenAccount();
  const long = "\u6f22".repeat(255);
  const filter = {
    tag: long,
    connector: long,
    network_whitelist: long,
    imei: long,
    country_code: long,
  };
  const after = ["\u6f22".repeat(100), "192837465"];
  const cursor = writeCursor({ filter, sort: "label", after });
  expect(cursor.length).toBeGreaterThan(5000);
  expect((await acme.call("GET", `/sims?next_page=${cursor}`)).status).toBe(200);
  // Blanks before JSON change nothing of it.
  const text = JSON.stringify({ filter: {}, sort: "id", after: ["192837465"] });
  const padded = (length: number) => btoa(text.padStart((length * 3) / 4));
  expect((await acme.call("GET", `/sims?next_page=${padded(8192)}`)).status).toBe(200);
  const longer = await acme.call("GET", `/sims?next_page=${padded(8196)}`);
  expect(longer).toAnswer(400, "next_page_invalid");
});
