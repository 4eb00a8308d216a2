import { expect, it } from "vitest";
import { MARCH, registrationOf, usageOf, validationOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline } from "../../support/pipeline";
import { sentBy } from "../../support/unmatched";

const SATELLITE = { country_code: null, network: { name: "Skylo", mcc: "901", mnc: "98" } };

async function givenShip() {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  return { acme, sim, pipeline };
}

it("tells a record of a network without a country, to webhooks of both payloads and by both calls", async () => {
  const { acme, sim, pipeline } = await givenShip();
  await acme.givenWebhook();
  await acme.givenWebhook({ payload: "fleet" });
  expect(await pipeline.report(usageOf(sim, SATELLITE))).toAnswer(202, {
    accepted: 1,
    rejected: [],
  });
  await pipeline.storeAll();
  const [classic] = (await acme.call("GET", MARCH)).json.usage;
  expect(classic.country_code).toBeNull();
  const [fleet] = (await acme.call("GET", "/usage?filter=time:2026-03")).json.usage;
  expect(fleet).toMatchObject({ country_code: null, network: { mcc: "901", mnc: "98" } });
  const sent = sentBy(pipeline).map(({ data }) => data);
  expect(sent).toMatchObject([{ country_code: null }, { country_code: null }]);
  const [event] = (await acme.call("GET", "/events")).json.events;
  expect(event.data.country_code).toBeNull();
});

it("groups and filters records without a country apart from those of a country", async () => {
  const { acme, sim, pipeline } = await givenShip();
  await pipeline.report(usageOf(sim, SATELLITE), usageOf(sim), usageOf(sim, { country_code: "" }));
  await pipeline.storeAll();
  const ask = async (query: string) =>
    (await acme.call("GET", `/usage?filter=time:2026-03${query}`)).json;
  expect((await ask("&group=country")).usage).toMatchObject([
    { country_code: null, records: 2 },
    { country_code: "dk", records: 1 },
  ]);
  expect((await ask("&group=network")).usage).toMatchObject([
    { country_code: null, network: { mcc: null, mnc: null }, records: 1 },
    { country_code: null, network: { mcc: "901", mnc: "98" }, records: 1 },
    { country_code: "dk", network: { mcc: null, mnc: null }, records: 1 },
  ]);
  const pages = await ask("&group=country&limit=1");
  const { usage } = (await acme.call("GET", `/usage?next_page=${pages.pagination.next_page}`)).json;
  expect(usage).toMatchObject([{ country_code: "dk" }]);
  expect((await ask("&filter=country_code:none")).usage).toHaveLength(2);
  expect((await ask("&filter=country_code:dk")).usage).toHaveLength(1);
  expect(await ask("&group=days&filter=country_code:NONE")).toMatchObject({ upload: "20" });
});

it("logs a registration and a validation of which neither device nor country is known", async () => {
  const { acme, sim, pipeline } = await givenShip();
  const unknown = { imei: undefined, ...SATELLITE };
  await pipeline.report(validationOf(sim, unknown), registrationOf(sim, unknown));
  await pipeline.storeAll();
  const { docs } = (await acme.call("GET", `/network-logs/${sim}`)).json;
  expect(docs).toMatchObject([
    { log_type: "network-registration", imei: "", network: { country_code: null, mcc: "901" } },
    { log_type: "network-authentication", imei: "", network: { country_code: null, mcc: "901" } },
  ]);
  const { events } = (await acme.call("GET", "/events")).json;
  expect(events[0].data).toMatchObject({ imei: null, country_code: null });
});

it("takes the country from a SIM that left it for a network without one", async () => {
  const { acme, sim, pipeline } = await givenShip();
  const danish = { mcc: "238", mnc: "01" };
  const networkOf = async () => (await acme.call("GET", `/sims/${sim}`)).json.network;
  const at = (minute: number, changes: object) =>
    registrationOf(sim, { time: `2026-03-01 10:0${minute}:00`, ...changes });
  await pipeline.report(at(1, { country_code: "dk", network: danish }));
  await pipeline.storeAll();
  await pipeline.report(at(2, { country_code: null, network: danish }));
  await pipeline.storeAll();
  expect(await networkOf()).toMatchObject({ country_code: "DK", mcc: "238" });
  await pipeline.report(at(3, SATELLITE));
  await pipeline.storeAll();
  expect(await networkOf()).toMatchObject({ country_code: null, mcc: "901", name: "Skylo" });
  const inDenmark = await acme.call("GET", "/sims?filter=country_code:dk");
  expect(inDenmark.json.sims).toEqual([]);
  const nowhere = await acme.call("GET", "/sims?filter=country_code:none");
  expect(nowhere.json.sims).toMatchObject([{ id: sim }]);
  await pipeline.report(at(4, { country_code: "se" }));
  await pipeline.storeAll();
  expect(await networkOf()).toMatchObject({ country_code: "SE", mcc: null });
});

it("does the same within one batch", async () => {
  const { acme, sim, pipeline } = await givenShip();
  const at = (minute: number, changes: object) =>
    registrationOf(sim, { time: `2026-03-01 10:0${minute}:00`, ...changes });
  await pipeline.report(at(1, { network: { mcc: "238", mnc: "01" } }), at(2, SATELLITE));
  await pipeline.storeAll();
  const { network } = (await acme.call("GET", `/sims/${sim}`)).json;
  expect(network).toMatchObject({ country_code: null, mcc: "901" });
});

it("lists the SIMs without a country beside each other filter and in each order", async () => {
  const acme = await givenAccount();
  const pipeline = givenPipeline();
  const [ashore, afloat] = [await acme.givenSim(), await acme.givenSim()];
  await pipeline.report(registrationOf(ashore), registrationOf(afloat, SATELLITE));
  await pipeline.storeAll();
  const found = async (query: string) => {
    const { json } = await acme.call("GET", `/sims?filter[]=country_code:none&${query}`);
    return json.sims.map(({ id }: { id: string }) => id);
  };
  const imei = "filter[]=imei:1234567890987654";
  for (const query of [
    "filter[]=online:true",
    imei,
    "filter[]=activated:true&sort=-usage",
    "sort=label",
  ])
    expect([query, ...(await found(query))]).toEqual([query, afloat]);
  expect(await found("filter[]=online:false")).toEqual([]);
});
