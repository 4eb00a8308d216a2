import { describe, expect, it } from "vitest";
import { callAsOperator } from "../../support/call";
import { registrationOf, usageOf } from "../../support/events";
import { givenAccount, newSimId } from "../../support/given-account";
import { givenPipeline } from "../../support/pipeline";

const EID = "89049032123451234512345678901235";
let numbers = 0;

/** An ICCID of so many digits that no other test has. */
function newIccid(length: number): string {
  numbers += 1;
  return `894500${String(numbers).padStart(length - 6, "7")}`;
}

async function issue(card: object) {
  const { json } = await callAsOperator("PUT", "/operator/sims", { sims: [card] });
  return json;
}

describe("a SIM is found by its ICCID", () => {
  it.each([18, 19, 20, 21, 22])("of %i digits, in each place that takes one", async (length) => {
    const acme = await givenAccount();
    const [id, iccid] = [await acme.givenSim(), newIccid(length)];
    expect(await issue({ id, iccid, account_id: acme.id })).toMatchObject({ issued: 1 });
    const pipeline = givenPipeline();
    await pipeline.report(usageOf(id));
    await pipeline.storeAll();
    expect(await acme.call("GET", `/sims/${iccid}`)).toMatchObject({ json: { id, iccid } });
    const patched = await acme.call("PATCH", `/sims/${iccid}`, { label: "harbour" });
    expect(patched).toMatchObject({ json: { id, label: "harbour" } });
    const changes = [{ id: iccid, label: "quay" }];
    expect(await acme.call("PATCH", "/sims/bulk", changes)).toMatchObject({
      json: { results: [{ sim: { id, label: "quay" } }] },
    });
    expect((await acme.call("GET", `/network-logs/${iccid}`)).status).toBe(200);
    for (const path of [`/usage/${iccid}?`, `/usage?filter=sim_id:${iccid}&`])
      expect((await acme.call("GET", `${path}filter=time:2026-03`)).json.usage).toHaveLength(1);
    expect((await acme.call("GET", `/sims/find?search=${iccid}`)).json).toMatchObject([{ id }]);
  });

  it("as modems, prints and files have it", async () => {
    const acme = await givenAccount();
    const [id, iccid] = [await acme.givenSim(), newIccid(19)];
    const printed = iccid.replaceAll(/(.{4})/g, "$1 ");
    const asFiled = { id, iccid: `${iccid}F`, account_id: acme.id };
    expect(await issue(asFiled)).toMatchObject({ issued: 1 });
    for (const form of [`${iccid}F`, `${iccid}f`, printed, iccid.replaceAll(/(.{5})/g, "$1-")]) {
      const encoded = encodeURIComponent(form);
      expect(await acme.call("GET", `/sims/${encoded}`)).toMatchObject({ json: { id, iccid } });
      const { json } = await acme.call("GET", `/sims/find?search=${encoded}`);
      expect([form, json[0]?.id]).toEqual([form, id]);
    }
    const changes = [{ id: `${iccid}F`, label: "quay" }];
    const { json } = await acme.call("PATCH", "/sims/bulk", changes);
    expect(json.results).toMatchObject([{ sim: { id, iccid } }]);
  });

  it("without its check digit, unless another card has that number", async () => {
    const acme = await givenAccount();
    const [id, iccid] = [await acme.givenSim(), newIccid(19)];
    const without = iccid.slice(0, 18);
    await issue({ id, iccid, account_id: acme.id });
    expect(await acme.call("GET", `/sims/${without}`)).toMatchObject({ json: { id } });
    const other = await acme.givenSim();
    await issue({ id: other, iccid: without, account_id: acme.id });
    expect(await acme.call("GET", `/sims/${without}`)).toMatchObject({ json: { id: other } });
  });

  it("but not by 17 digits, 23, an F within, or another account's", async () => {
    const acme = await givenAccount();
    const [id, iccid] = [await acme.givenSim(), newIccid(18)];
    await issue({ id, iccid, account_id: acme.id });
    for (const wrong of [iccid.slice(1), `${iccid}77777`, `8945F${iccid.slice(5)}`, `${iccid}FF`])
      expect(await acme.call("GET", `/sims/${wrong}`)).toAnswer(400, "sim_id_invalid");
    const other = await givenAccount();
    expect(await other.call("GET", `/sims/${iccid}`)).toAnswer(404, "sim_not_found");
  });
});

describe("a card", () => {
  it("keeps its EID and its number without +, and its SIM is found by both", async () => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    const card = {
      id,
      eid: EID.replace(/^(.{8})/, "$1 "),
      msisdn: "+4512345678",
      account_id: acme.id,
    };
    expect(await issue(card)).toMatchObject({ issued: 1 });
    const { json } = await acme.call("GET", `/sims/${id}`);
    expect(json).toMatchObject({ eid: EID, msisdn: "4512345678" });
    for (const search of ["+4512345678", "4512345678", EID, EID.slice(4, 30)]) {
      const found = await acme.call("GET", `/sims/find?search=${encodeURIComponent(search)}`);
      expect([search, found.json[0]?.id]).toEqual([search, id]);
    }
    expect((await acme.call("PATCH", `/sims/${id}`, { ...json, label: "x" })).status).toBe(200);
  });

  it("gives its EID to a SIM that is made of it later", async () => {
    const acme = await givenAccount();
    const id = newSimId();
    await issue({ id, eid: EID, account_id: acme.id });
    await acme.call("POST", "/sim", { id });
    expect(await acme.call("GET", `/sims/${id}`)).toMatchObject({ json: { eid: EID } });
  });

  it("may have empty cells", async () => {
    const acme = await givenAccount();
    const empty = { iccid: "", imsi: "", msisdn: "", ipv4: "", eid: "" };
    expect(await issue({ id: newSimId(), account_id: acme.id, ...empty })).toMatchObject({
      issued: 1,
    });
  });

  it("is refused by the name of a field that it does not have", async () => {
    const acme = await givenAccount();
    const [id, iccid] = [await acme.givenSim(), newIccid(19)];
    await issue({ id, iccid, account_id: acme.id });
    const { rejected } = await issue({ id, ICCID: newIccid(19), account_id: acme.id });
    expect(rejected).toMatchObject([{ index: 0, error: "field_unknown" }]);
    expect(rejected[0].detail).toContain("ICCID");
    expect(await acme.call("GET", `/sims/${iccid}`)).toMatchObject({ json: { id } });
  });

  it.each([
    ["eid_invalid", { eid: "8904903212345123451234567890123" }],
    ["msisdn_invalid", { msisdn: "++4512345678" }],
    ["iccid_invalid", { iccid: "89450000001000000F" }],
  ])("is refused with %s", async (error, wrong) => {
    const acme = await givenAccount();
    const answer = await issue({ id: newSimId(), account_id: acme.id, ...wrong });
    expect(answer).toMatchObject({ issued: 0, rejected: [{ error }] });
  });
});

describe("the device of a SIM", () => {
  const [IMEI, IMEISV] = ["352099001761481", "3520990017614823"];

  async function givenDevice(...imeis: string[]) {
    const acme = await givenAccount();
    const [id, pipeline] = [await acme.givenSim(), givenPipeline()];
    for (const [minute, imei] of imeis.entries()) {
      await pipeline.report(registrationOf(id, { imei, time: `2026-03-01 10:0${minute}:00` }));
      await pipeline.storeAll();
    }
    return { acme, id };
  }

  it("is found by the IMEI that is printed on it when it was last seen by its IMEISV", async () => {
    const { acme, id } = await givenDevice(IMEISV);
    for (const path of [`/sims/find?search=${IMEI}`, "/sims/find?search=35-209900-176148-1"])
      expect((await acme.call("GET", path)).json).toMatchObject([{ id, imei: IMEISV }]);
    for (const imei of [IMEI, IMEISV, IMEI.slice(0, 14)]) {
      const { json } = await acme.call("GET", `/sims?filter=imei:${imei}&limit=1`);
      expect(json.sims).toMatchObject([{ id }]);
    }
    expect((await acme.call("GET", "/sims?filter=imei:352099001761482")).json.sims).toHaveLength(1);
    expect((await acme.call("GET", "/sims?filter=imei:352099001761581")).json.sims).toEqual([]);
  });

  it("stays as it is while only the form of its number changes, or while zeros are told", async () => {
    const { acme, id } = await givenDevice(IMEI, IMEISV, "0000000000000000");
    expect(await acme.call("GET", `/sims/${id}`)).toMatchObject({ json: { imei: IMEI } });
  });
});
