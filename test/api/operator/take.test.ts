import { expect, it } from "vitest";
import { iccidOf } from "../../../src/api/sims/iccid";
import { callAsOperator } from "../../support/call";
import { MARCH, registrationOf, usageOf } from "../../support/events";
import { inMinutes, stored } from "../../support/fleet";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers, type Pipeline } from "../../support/pipeline";
import { storedIn } from "../../support/stored";

const TAKEN = { issued: 1, rejected: [] };

function take(id: string, { id: account_id }: GivenAccount, pipeline?: Pipeline, card = {}) {
  const sims = [{ id, account_id, take: true, ...card }];
  return callAsOperator("PUT", "/operator/sims", { sims }, pipeline && { env: pipeline.env });
}

/** Globex claimed a SIM of Acme's and has lived with it: alias, tag, connector, device, usage. */
async function givenClaimed() {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const connector = await globex.givenConnector("globex-sink");
  const id = await globex.givenSim({ alias: "globex's boat", connector });
  const { id: tag } = await globex.givenTag("globex-tag");
  expect(await globex.call("PATCH", `/sims/${id}`, { tags: [tag] })).toAnswer(200);
  await stored(
    usageOf(id, { bill_id: "globex-bill" }),
    registrationOf(id, { time: inMinutes(-1), imei: "358299840000009", country_code: "se" }),
  );
  return { acme, globex, id };
}

it("gives a SIM to its owner in one call, as new", async () => {
  const { acme, id } = await givenClaimed();
  const iccid = "89450000000000000017";
  expect(await take(id, acme, undefined, { iccid })).toAnswer(200, TAKEN);
  expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, { id, alias: null, active: true });
  const sim = await acme.call("GET", `/sims/${id}`);
  expect(sim.json).toMatchObject({ id, iccid, label: null, tags: [], imei: null });
  expect(sim.text).not.toContain("globex");
});

it("takes it from the one who had it: gone as if deleted", async () => {
  const { acme, globex, id } = await givenClaimed();
  await take(id, acme);
  for (const [method, body] of [["GET"], ["DELETE"], ["PUT", { id }]] as const) {
    const path = body ? "/sim" : `/sim?id=${id}`;
    expect(await globex.call(method, path, body)).toAnswer(403, "id_forbidden");
  }
  expect(await globex.call("POST", "/sim", { id })).toAnswer(403, "id_forbidden");
  expect(await globex.call("GET", `/sims/${id}`)).toAnswer(404, "sim_not_found");
  expect((await globex.call("GET", "/sims")).json.sims).toEqual([]);
  const found = await globex.call("GET", "/sims/find?search=boat");
  expect(found.status).toBe(200);
  expect(found.text).not.toContain(id);
  // Nothing of it holds on to what it used.
  expect(await globex.call("DELETE", "/connector?id=globex-sink")).toAnswer(200);
});

it("leaves what was stored until then with the one who had it, and shows the owner nothing of it", async () => {
  const { acme, globex, id } = await givenClaimed();
  await take(id, acme);
  await stored(usageOf(id, { bill_id: "acme-bill" }));
  const bills = async (account: GivenAccount) =>
    (await account.call("GET", MARCH)).json.usage.map((row: { bill_id: string }) => row.bill_id);
  expect(await bills(acme)).toEqual(["acme-bill"]);
  expect(await bills(globex)).toEqual(["globex-bill"]);
  for (const path of ["/events", `/network-logs/${id}`, "/audit-log", `/sims/${id}`]) {
    const answer = await acme.call("GET", path);
    expect(answer.status).toBe(200);
    expect(answer.text).not.toMatch(/globex|358299840000009/);
  }
});

it("gives it the ICCID of its id where its card has none, and the place by usage of its time with the account", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const [id, other] = [await acme.givenSim(), await acme.givenSim()];
  const use = (sim: string, upload: number) => stored(usageOf(sim, { time: inMinutes(0), upload }));
  await use(id, 9000);
  await use(other, 500);
  await acme.call("DELETE", `/sim?id=${id}`);
  await globex.call("POST", "/sim", { id });
  expect(await take(id, acme)).toAnswer(200, TAKEN);
  expect((await acme.call("GET", `/sims/${id}`)).json.iccid).toBe(iccidOf(id));
  const { sims } = (await acme.call("GET", "/sims?sort=-usage&limit=1")).json;
  expect(sims).toMatchObject([{ id }]);
});

it("sends later events to the owner's webhooks alone", async () => {
  const { acme, globex, id } = await givenClaimed();
  const pipeline = givenPipeline();
  const received = givenReceivers();
  await globex.givenWebhook({ url: "https://globex.example.com/" });
  await acme.givenWebhook({ url: "https://acme.example.com/" });
  await take(id, acme, pipeline);
  await pipeline.report(usageOf(id));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  expect(received.map(({ url }) => url)).toEqual(["https://acme.example.com/"]);
});

it("is in the audit log of both, as the operator's doing", async () => {
  const { acme, globex, id } = await givenClaimed();
  await callAsOperator("PUT", "/operator/sims", { sims: [{ id, account_id: globex.id }] });
  await take(id, acme);
  const actionsOf = async (account: GivenAccount) =>
    (await account.call("GET", `/audit-log?sim_id=${id}&actor=operator`)).json.entries
      .map(({ action }: { action: string }) => action)
      .toSorted();
  expect(await actionsOf(globex)).toEqual(["card.issued", "card.withdrawn", "sim.deleted"]);
  expect(await actionsOf(acme)).toEqual(["card.issued", "sim.created"]);
});

it("tries the events again that waited for an owner", async () => {
  const acme = await givenAccount();
  const pipeline = givenPipeline();
  const sim_id = "555000555";
  await pipeline.report(usageOf(sim_id), usageOf("555000556"));
  await pipeline.storeAll();
  expect(await take(sim_id, acme, pipeline)).toAnswer(200, TAKEN);
  await pipeline.storeAll();
  expect((await acme.call("GET", MARCH)).json.usage).toHaveLength(1);
  const { json } = await callAsOperator("GET", "/operator/events/unmatched");
  expect(json.events.map(({ event }: { event: { sim_id: string } }) => event.sim_id)).toEqual([
    "555000556",
  ]);
});

it("changes nothing of a SIM that the account has already", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim({ alias: "boat" });
  expect(await take(id, acme)).toAnswer(200, TAKEN);
  expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, {
    id,
    alias: "boat",
    active: true,
  });
});

it("refuses cards that cannot be issued, and takes nothing for them", async () => {
  const { acme, globex, id } = await givenClaimed();
  const iccid = "89450000000000000017";
  const rejected = async (card: object) =>
    (
      await callAsOperator("PUT", "/operator/sims", {
        sims: [{ id, account_id: acme.id, take: true, ...card }],
      })
    ).json.rejected[0]?.error;
  await callAsOperator("PUT", "/operator/sims", {
    sims: [{ id: "000000009", account_id: acme.id, iccid }],
  });
  expect(await rejected({ account_id: "nobody" })).toBe("account_not_found");
  expect(await rejected({ iccid })).toBe("iccid_conflict");
  expect(await rejected({ take: "yes" })).toBe("take_invalid");
  expect(await rejected({ take: false })).toBe("id_conflict");
  expect((await globex.call("GET", `/sim?id=${id}`)).status).toBe(200);
});

it("takes nothing for a refused card, though another card of the call gives up its ICCID", async () => {
  const { acme, globex, id } = await givenClaimed();
  const [old, next] = ["89450000000000000017", "89450000000000000025"];
  const mine = await acme.givenSim();
  const other = { id: "000000009", account_id: acme.id };
  await callAsOperator("PUT", "/operator/sims", { sims: [{ ...other, iccid: old }] });
  for (const refused of [{ id, take: true }, { id: mine }]) {
    const sims = [
      { ...refused, account_id: acme.id, iccid: old },
      { ...other, iccid: next },
    ];
    const rejected = [{ index: 0, error: "iccid_conflict" }];
    const answer = await callAsOperator("PUT", "/operator/sims", { sims });
    expect(answer).toAnswer(200, { issued: 1, rejected });
    await callAsOperator("PUT", "/operator/sims", { sims: [{ ...other, iccid: old }] });
  }
  expect((await globex.call("GET", `/sim?id=${id}`)).json.alias).toBe("globex's boat");
  expect((await acme.call("GET", `/sims/${mine}`)).json.iccid).not.toBe(old);
});

it("ends with the owner as the only holder, whatever the other one calls meanwhile", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  for (const first of [0, 5, 10]) {
    const id = `55500${String(first).padStart(4, "0")}`;
    const claims = () =>
      Array.from({ length: 5 }, () => [
        globex.call("POST", "/sim", { id }),
        globex.call("DELETE", `/sim?id=${id}`),
      ]).flat();
    const early = claims();
    if (first > 0) await Promise.race(early);
    const given = take(id, acme);
    await Promise.all([...early, ...claims(), given]);
    expect(await given).toAnswer(200, TAKEN);
    expect((await acme.call("GET", `/sim?id=${id}`)).status).toBe(200);
    expect(await globex.call("GET", `/sim?id=${id}`)).toAnswer(403, "id_forbidden");
  }
});

it("takes 1,000 SIMs in a call", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const ids = Array.from({ length: 1000 }, (_, index) => String(700_000_000 + index));
  const sims = (account: GivenAccount) =>
    callAsOperator("PUT", "/operator/sims", {
      sims: ids.map((id) => ({ id, account_id: account.id, take: true })),
    });
  for (const account of [globex, acme])
    expect(await sims(account)).toAnswer(200, { issued: 1000, rejected: [] });
  const held = (await storedIn("sims")).map(({ account_id }) => account_id);
  expect(held).toEqual(ids.map(() => acme.id));
});
