import { expect, it } from "vitest";
import { registrationOf, validationOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline } from "../../support/pipeline";

async function givenSim() {
  const acme = await givenAccount();
  const [sim, pipeline] = [await acme.givenSim(), givenPipeline()];
  return {
    hear: async (...events: object[]) => {
      await pipeline.report(...events.map((event) => ({ ...event, sim_id: sim })));
      await pipeline.storeAll();
    },
    state: async () => {
      return (await acme.call("GET", `/sims/${sim}`)).json;
    },
  };
}

const later = { time: "2026-03-01 02:00:00", imei: "352099001761481" };

it.each([
  { reason: "OK" },
  { reason: "success" },
  { status: "Accepted", reason: "roaming allowed" },
  { reason: "" },
])("takes a registration with %j for one", async (outcome) => {
  const { hear, state } = await givenSim();
  await hear(registrationOf("", outcome));
  expect(await state()).toMatchObject({ online: true, imei: "1234567890987654" });
  // What was accepted is the newest that is known: an older event tells nothing.
  await hear({
    ...registrationOf(""),
    type: "network-deregistration",
    time: "2026-03-01 01:00:00",
  });
  expect(await state()).toMatchObject({ online: true });
});

it.each([
  { reason: "network_whitelist" },
  { status: "rejected" },
  { status: "REJECTED", reason: "" },
  { status: "rejected", reason: "OK" },
])("takes a registration with %j for a refusal", async (outcome) => {
  const { hear, state } = await givenSim();
  await hear(registrationOf(""));
  await hear(registrationOf("", { ...later, ...outcome, country_code: "se" }));
  expect(await state()).toMatchObject({
    imei: "1234567890987654",
    network: { country_code: "DK" },
  });
  await hear({
    ...registrationOf(""),
    type: "network-deregistration",
    time: "2026-03-01 01:30:00",
  });
  expect(await state()).toMatchObject({ online: false });
});

it("keeps a known place when an event comes with an empty one", async () => {
  const { hear, state } = await givenSim();
  const place = { lat: 55.6, lng: 12.5 };
  await hear(registrationOf("", { location: place }));
  for (const location of [{}, { lat: null, lng: null }, { lat: "", cell_id: null }, null])
    await hear(registrationOf("", { ...later, location }), {
      ...validationOf("", { ...later, location: location ?? {} }),
      type: "location",
    });
  expect((await state()).location).toMatchObject(place);
});

it("keeps a known network when an event comes with an empty one", async () => {
  const { hear, state } = await givenSim();
  await hear(registrationOf("", { network: { mcc: "238", mnc: "01" } }));
  for (const network of [{}, { mcc: null }, { mcc: "", mnc: "" }])
    await hear(registrationOf("", { ...later, network }));
  expect((await state()).network).toMatchObject({ country_code: "DK", mcc: "238", mnc: "01" });
});
