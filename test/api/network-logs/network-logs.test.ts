import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { openPrimary } from "../../../src/db/client";
import { parseEvent } from "../../../src/events/schemas";
import { storeEvents } from "../../../src/pipeline/ingest/store";
import { iccidOf } from "../../../src/api/sims/iccid";
import { countingD1 } from "../../support/counting";
import { registrationOf, usageOf, validationOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";

async function givenEvents(...reported: object[]): Promise<void> {
  const events = reported.map((one) => {
    const parsed = parseEvent(one);
    if ("error" in parsed) throw new Error(`given: ${parsed.error}`);
    return parsed.event;
  });
  await storeEvents(openPrimary(env.DB), events);
}

it("answers an entry with the sheet's fields", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const network = {
    name: "TDC",
    country: "Denmark",
    country_code: "DK",
    mcc: "238",
    mnc: "01",
  };
  const told = { status: "denied", reason: "network_whitelist", network_type: "LTE", network };
  await givenEvents(
    validationOf(sim_id, { time: "2026-03-01T01:23:45.678Z", id: "event-1", ...told }),
  );
  const doc = {
    id: "event-1",
    time: "2026-03-01T01:23:45.678Z",
    sim_id,
    iccid: iccidOf(sim_id),
    imei: "1234567890987654",
    status: "denied",
    reason: "network_whitelist",
    network_type: "LTE",
    network,
    log_type: "network-authentication",
  };
  for (const ref of [sim_id, iccidOf(sim_id), iccidOf(sim_id).slice(0, 19)])
    expect(await acme.call("GET", `/network-logs/${ref}`)).toAnswer(200, { docs: [doc] });
});

it("answers what is not known as such, and the id that the feed gives", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenEvents({ type: "network-deregistration", sim_id, time: "2026-03-01 01:23:45" });
  const { docs } = (await acme.call("GET", `/network-logs/${sim_id}`)).json;
  const network = { name: null, country: null, country_code: null, mcc: null, mnc: null };
  const { events } = (await acme.call("GET", "/events")).json;
  expect(docs).toEqual([
    {
      id: events[0].id,
      time: "2026-03-01T01:23:45.000Z",
      sim_id,
      iccid: iccidOf(sim_id),
      imei: "",
      status: null,
      reason: null,
      network_type: "",
      network,
      log_type: "network-deregistration",
    },
  ]);
  expect((await acme.call("GET", `/events/${docs[0].id}`)).status).toBe(200);
});

it("lists authentications, registrations and deregistrations of the SIM, oldest first", async () => {
  const acme = await givenAccount();
  const [sim_id, other] = [await acme.givenSim(), await acme.givenSim()];
  const at = (minute: number) => ({ time: `2026-03-01 12:0${minute}:00` });
  await givenEvents(
    { ...registrationOf(sim_id, at(2)), type: "network-deregistration" },
    registrationOf(sim_id, at(1)),
    validationOf(sim_id, at(0)),
    usageOf(sim_id, at(0)),
    validationOf(other, at(0)),
    { ...validationOf(sim_id, at(1)), type: "location", location: { lat: 55.6, lng: 12.5 } },
  );
  const { docs } = (await acme.call("GET", `/network-logs/${sim_id}`)).json;
  const types = docs.map(({ log_type }: { log_type: string }) => log_type);
  expect(types).toEqual([
    "network-authentication",
    "network-registration",
    "network-deregistration",
  ]);
});

it("takes what it lists as a report: the type by its name there, and the country of the network", async () => {
  const acme = await givenAccount();
  const [sim_id, other] = [await acme.givenSim(), await acme.givenSim()];
  await givenEvents(validationOf(sim_id, { network: { mcc: "238", mnc: "01" } }));
  const docsOf = async (id: string) => (await acme.call("GET", `/network-logs/${id}`)).json.docs;
  const [{ time, imei, network, log_type }] = await docsOf(sim_id);
  expect(network.country_code).toBe("DK");
  await givenEvents({ sim_id: other, time, imei, network, log_type });
  expect(await docsOf(other)).toMatchObject([{ time, imei, network, log_type }]);
  const { events } = (await acme.call("GET", "/events")).json;
  expect(events.at(-1).data).toMatchObject({ sim_id: other, country_code: "dk" });
});

it("begins at a time, and goes by offset while entries arrive", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const at = (hour: number) => validationOf(sim_id, { time: `2026-03-0${1 + hour} 12:00:00` });
  await givenEvents(...[0, 1, 2, 3].map(at));
  const days = async (query: string) => {
    const { docs } = (await acme.call("GET", `/network-logs/${sim_id}?${query}`)).json;
    return docs.map(({ time }: { time: string }) => Number(time.slice(8, 10)));
  };
  expect(await days("timestamp=2026-03-02T12:00:00.000Z")).toEqual([2, 3, 4]);
  expect(await days("timestamp=2026-03-02T12:00:00.001Z")).toEqual([3, 4]);
  expect(await days("timestamp=2026-03-03")).toEqual([3, 4]);
  expect(await days("timestamp=2026-03-04T14:00:00%2B02:00")).toEqual([4]);
  expect(await days("limit=3")).toEqual([1, 2, 3]);
  await givenEvents(...[4, 5].map(at));
  expect(await days("limit=3&offset=3")).toEqual([4, 5, 6]);
  expect(await days("offset=6")).toEqual([]);
});

it("refuses what is no time, no limit and no offset", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const send = (name: string) => (value: unknown) =>
    acme.call(
      "GET",
      `/network-logs/${sim_id}?${new URLSearchParams({ [name]: String(value) }).toString()}`,
    );
  const times = ["", "now", "2026-02-29", "2026-03-10T12:00:00", "2026-03", "1773144000"];
  expect(await notRefused(times, "timestamp_invalid", send("timestamp"))).toEqual([]);
  expect(await notRefused(["", "0", "1001"], "limit_invalid", send("limit"))).toEqual([]);
  expect(await notRefused(["", "-1", "1.5"], "offset_invalid", send("offset"))).toEqual([]);
});

it("knows no SIM of another account, in one round trip", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const sim_id = await acme.givenSim();
  await givenEvents(validationOf(sim_id));
  expect((await globex.call("GET", "/")).status).toBe(200);
  for (const ref of [sim_id, iccidOf(sim_id), "999999999"]) {
    const { counts, d1 } = countingD1();
    const answer = await globex.call("GET", `/network-logs/${ref}`, undefined, { env: { DB: d1 } });
    expect(answer).toAnswer(404, "sim_not_found");
    expect(counts.roundTrips).toBe(1);
  }
});

it("reads of a long log no more than its page", async () => {
  const acme = await givenAccount();
  const [sim_id, other] = [await acme.givenSim(), await acme.givenSim()];
  const at = (index: number) => new Date(Date.UTC(2026, 2, 1) + index * 1000).toISOString();
  const both = (index: number) =>
    [sim_id, other].map((sim) => validationOf(sim, { time: at(index) }));
  await givenEvents(...Array.from({ length: 200 }, (_, index) => both(index)).flat());
  const { counts, d1 } = countingD1();
  const path = `/network-logs/${sim_id}?timestamp=2026-03-01T00:01:00Z&limit=20`;
  const { docs } = (await acme.call("GET", path, undefined, { env: { DB: d1 } })).json;
  expect(docs).toHaveLength(20);
  expect(counts.rowsRead).toBeLessThan(2 * 20);
});
