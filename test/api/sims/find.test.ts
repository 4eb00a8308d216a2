import { describe, expect, it } from "vitest";
import { callAsOperator } from "../../support/call";
import { inMinutes, stored } from "../../support/fleet";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { registrationOf } from "../../support/events";

async function found(account: GivenAccount, query: string): Promise<string[]> {
  const answer = await account.call("GET", `/sims/find?${query}`);
  expect(answer.status).toBe(200);
  return answer.json.map(({ id }: { id: string }) => id);
}

async function givenFleet(acme: GivenAccount) {
  const card = {
    id: "000000001",
    account_id: acme.id,
    iccid: "89450000000000000017",
    imsi: "234512345678901",
    msisdn: "4798765432",
  };
  await callAsOperator("PUT", "/operator/sims", { sims: [card] });
  await acme.givenSim({ id: "000000001", alias: "Zebra crossing" });
  await acme.givenSim({ id: "000000002", alias: 'ÆBLE 100% 19" rack' });
  await acme.givenSim({ id: "987654321" });
  await stored(registrationOf("987654321", { time: inMinutes(-1), imei: "358299849999999" }));
}

it.each([
  ["search=7654321", ["987654321"]],
  ["query=7654321", ["987654321"]],
  ["search=ebra", ["000000001"]],
  ["search=EBRA CR", ["000000001"]],
  ["search=able", []],
  ["search=%C3%A6ble", ["000000002"]],
  ["search=100%25", ["000000002"]],
  ['search=19" r', ["000000002"]],
  ["search=0000000001", ["000000001"]],
  ["search=89450000000000000017", ["000000001"]],
  ["search=34512345", ["000000001"]],
  ["search=98765432", ["000000001", "987654321"]],
  ["search=358299849999999", ["987654321"]],
  ["search=nothing", []],
  ["search=9", ["000000001", "000000002", "987654321"]],
  ["search=ze", ["000000001"]],
  ["search=8945&limit=1", ["000000001"]],
  ['search=%22 OR names:"', []],
  ["search=*ebr", []],
  ['search=x" OR names:"ebra', []],
] as const)("finds by %s", async (query, ids) => {
  const acme = await givenAccount();
  await givenFleet(acme);
  expect(await found(acme, query)).toEqual(ids);
});

it("answers a bare list of whole SIMs", async () => {
  const acme = await givenAccount();
  await givenFleet(acme);
  const one = await acme.call("GET", "/sims/000000001");
  expect(await acme.call("GET", "/sims/find?search=zebra&limit=1")).toAnswer(200, [one.json]);
});

it("finds a SIM by what it is called now", async () => {
  const acme = await givenAccount();
  await givenFleet(acme);
  await acme.call("PATCH", "/sims/000000001", { label: "Giraffe" });
  expect(await found(acme, "search=zebra")).toEqual([]);
  expect(await found(acme, "search=giraffe")).toEqual(["000000001"]);
  await acme.call("PATCH", "/sims/bulk", [{ id: "000000001", label: null }]);
  expect(await found(acme, "search=giraffe")).toEqual([]);
  await acme.call("DELETE", "/sim?id=987654321");
  expect(await found(acme, "search=3582998")).toEqual([]);
});

it("finds no other account's SIMs", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await givenFleet(acme);
  const wholes = ["987654321", "89450000000000000017", "358299849999999"];
  for (const piece of ["7654", "zebra", "9", "8945", ...wholes])
    expect(await found(globex, `search=${piece}`)).toEqual([]);
});

describe("is refused", () => {
  it.each([
    ["", "search_invalid"],
    ["search=", "search_invalid"],
    [`search=${"x".repeat(101)}`, "search_invalid"],
    ["search=a%0Ab", "search_invalid"],
    ["search=a&search=b", "search_invalid"],
    ["search=abc&limit=1001", "limit_invalid"],
  ] as const)("as %s", async (query, code) => {
    const acme = await givenAccount();
    expect(await acme.call("GET", `/sims/find?${query}`)).toAnswer(400, code);
  });
});
