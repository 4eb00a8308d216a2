import { describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { givenTag, inMinutes } from "../../support/fleet";
import { registrationOf, usageOf, validationOf } from "../../support/events";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers, type Received } from "../../support/pipeline";

const NETWORK = { name: "Vodafone", country: "Germany", country_code: "DE", mcc: "262", mnc: "02" };

/** What endpoints are sent when these events are reported. */
async function deliveredOf(...events: object[]): Promise<Received[]> {
  const pipeline = givenPipeline();
  const received = givenReceivers();
  expect((await pipeline.report(...events)).json.rejected).toEqual([]);
  await pipeline.storeAll();
  await pipeline.deliverAll();
  return received;
}

async function hexHmac(secret: string, body: string): Promise<string> {
  const text = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    text.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, text.encode(body))).toHex();
}

describe("payload fleet", () => {
  const givenFleetWebhook = (acme: GivenAccount, changes: object = {}) =>
    acme.givenWebhook({ url: "https://receiver.acme.com/{type}", payload: "fleet", ...changes });

  it("is a flat object with the SIM's label and ICCID, by the fleet API's name of the type", async () => {
    const acme = await givenAccount();
    const sim_id = await acme.givenSim({ id: "005120030", alias: "tracker" });
    const { secret } = await givenFleetWebhook(acme);
    const time = inMinutes(-1);
    const session_id = "eff9c0b2-16b1-3eb3-aab2-692d7a2ec60e";
    const [sent] = await deliveredOf(
      validationOf(sim_id, {
        time,
        session_id,
        network_type: "LTE",
        network: NETWORK,
        status: "denied",
        reason: "network_whitelist",
      }),
    );
    expect(JSON.parse(sent?.body ?? "")).toEqual({
      type: "network-authentication",
      time,
      sim_id,
      iccid: "89457300000051200304",
      sim_label: "tracker",
      imei: "1234567890987654",
      session_id,
      network_type: "LTE",
      network: NETWORK,
      status: "denied",
      reason: "network_whitelist",
    });
    expect(sent?.url).toBe("https://receiver.acme.com/network-authentication");
    expect(sent?.headers.get("x-event-type")).toBe("network-authentication");
    const signature = `sha256=${await hexHmac(secret, sent?.body ?? "")}`;
    expect(sent?.headers.get("x-onomondo-signature-256")).toBe(signature);
    new Webhook(secret).verify(sent?.body ?? "", Object.fromEntries(sent?.headers ?? []));
  });

  it("tells of usage, locations and the rest what the sheet has", async () => {
    const acme = await givenAccount();
    const sim_id = await acme.givenSim();
    await givenFleetWebhook(acme);
    const [time, location] = [inMinutes(-1), { lat: 52.52, lng: 13.405, cell_id: 12_345 }];
    const sent = await deliveredOf(
      usageOf(sim_id, { time, bill_id: "b", country_code: "de", upload: 1, download: 2 }),
      { type: "location", time, sim_id, network: NETWORK, location },
      { type: "network-deregistration", time, sim_id },
      registrationOf(sim_id, { time, network: NETWORK }),
    );
    const bodies = sent.map(({ body }) => JSON.parse(body));
    const germany = { ...NETWORK, name: null, country: null, mcc: null, mnc: null };
    expect(bodies[0]).toMatchObject({ type: "usage", bytes: 3, bill_id: "b", network: germany });
    expect(bodies[1].location).toEqual({ ...location, location_area_code: null, accuracy: null });
    expect(bodies[2].network).toEqual(NETWORK);
    expect(bodies.map(({ type }) => type)).toEqual([
      "usage",
      "location",
      "network-deregistration",
      "network-registration",
    ]);
    for (const { iccid, sim_id: id, network, time: at } of bodies)
      expect([typeof iccid, id, typeof network, at]).toEqual(["string", sim_id, "object", time]);
  });

  it("is sent beside classic ones, each as its webhook wants it", async () => {
    const acme = await givenAccount();
    const sim_id = await acme.givenSim();
    await givenFleetWebhook(acme, { url: "https://fleet.acme.com/" });
    await acme.givenWebhook({ url: "https://classic.acme.com/" });
    const event = usageOf(sim_id, { time: "2026-03-01 01:23:45", bill_id: "b" });
    const sent = await deliveredOf(event);
    const to = (host: string) => sent.find(({ url }) => url === `https://${host}.acme.com/`);
    const { type: _type, ...classic } = event;
    expect(to("classic")?.body).toBe(JSON.stringify(classic));
    expect(to("classic")?.headers.has("x-onomondo-signature-256")).toBe(false);
    expect(JSON.parse(to("fleet")?.body ?? "")).toMatchObject({ type: "usage", bytes: 110 });
    expect(to("fleet")?.headers.get("webhook-id")).toBe(to("classic")?.headers.get("webhook-id"));
  });

  it("is what a replay and a test send too", async () => {
    const acme = await givenAccount();
    const sim_id = await acme.givenSim({ alias: "tracker" });
    const { id } = await givenFleetWebhook(acme);
    const pipeline = givenPipeline();
    const received = givenReceivers();
    const details = { network: NETWORK, session_id: "s", network_type: "LTE" };
    await pipeline.report(
      usageOf(sim_id, { time: inMinutes(-2), ...details }),
      validationOf(sim_id, { time: inMinutes(-1), ...details }),
    );
    await pipeline.storeAll();
    await pipeline.deliverAll();
    const since = inMinutes(-60);
    await acme.call("POST", `/webhooks/${id}/replay`, { since }, { env: pipeline.env });
    await pipeline.replayAll();
    await pipeline.deliverAll();
    const [first, second, ...again] = received.map(({ body }) => body);
    expect(again).toEqual([first, second]);
    await acme.call("POST", `/webhooks/${id}/test`, { type: "network-authentication" });
    const tested = received.at(-1);
    expect(JSON.parse(tested?.body ?? "")).toMatchObject({ type: "network-authentication" });
    expect(tested?.headers.get("x-onomondo-signature-256")).toMatch(/^sha256=[0-9a-f]{64}$/);
  });
});

describe("tags", () => {
  it("let only events of SIMs through that carry one of them, in replays too", async () => {
    const acme = await givenAccount();
    const [tag, other] = [await givenTag(acme, "Containers"), await givenTag(acme, "Cars")];
    const [tagged, untagged] = [await acme.givenSim(), await acme.givenSim()];
    await acme.call("PUT", `/sims/${tagged}/tags/${tag}`);
    const { id } = await acme.givenWebhook({ tags: [other, tag] });
    const pipeline = givenPipeline();
    const received = givenReceivers();
    const time = inMinutes(-1);
    await pipeline.report(usageOf(tagged, { time }), usageOf(untagged, { time }));
    await pipeline.storeAll();
    await pipeline.deliverAll();
    const sims = () => received.map(({ body }) => JSON.parse(body).sim_id);
    expect(sims()).toEqual([tagged]);
    const since = inMinutes(-60);
    const replay = await acme.call(
      "POST",
      `/webhooks/${id}/replay`,
      { since },
      { env: pipeline.env },
    );
    expect(replay.json).toEqual({ events: 1 });
    await pipeline.replayAll();
    await pipeline.deliverAll();
    expect(sims()).toEqual([tagged, tagged]);
  });

  it("are shown as objects, and have to be the account's", async () => {
    const [acme, globex] = [await givenAccount(), await givenAccount()];
    const tag = await givenTag(acme, "Containers");
    const theirs = await givenTag(globex, "theirs");
    const { id } = await acme.givenWebhook();
    const url = "https://receiver.acme.com/";
    const shown = [{ name: "Containers", id: tag, can_write: true, color: null }];
    expect((await acme.call("PATCH", `/webhooks/${id}`, { tags: [tag] })).json.tags).toEqual(shown);
    expect((await acme.call("GET", `/webhooks/${id}`)).json.tags).toEqual(shown);
    expect((await acme.call("GET", "/webhooks")).json[0].tags).toEqual(shown);
    const refused = { label: "x", tags: [tag, theirs] };
    expect(await acme.call("PATCH", `/webhooks/${id}`, refused)).toAnswer(404, "tag_not_found");
    expect((await acme.call("GET", `/webhooks/${id}`)).json.label).toBe(null);
    expect(await acme.call("POST", "/webhooks", { url, ...refused })).toAnswer(
      404,
      "tag_not_found",
    );
    expect((await acme.call("GET", "/webhooks")).json).toHaveLength(1);
    expect(await acme.call("DELETE", `/tags/${tag}`)).toAnswer(409, "tag_in_use");
  });
});

it("takes back a webhook as it was read, and refuses by name what no webhook has", async () => {
  const acme = await givenAccount();
  const tags = [await givenTag(acme, "x")];
  const { id } = await acme.givenWebhook({ tags, payload: "fleet" });
  const { json: webhook } = await acme.call("GET", `/webhooks/${id}`);
  expect(await acme.call("PATCH", `/webhooks/${id}`, webhook)).toAnswer(200, webhook);
  const misspelt = { url: "https://receiver.acme.com/", exclude_type: ["usage"] };
  expect(await acme.call("POST", "/webhooks", misspelt)).toAnswer(400, "field_unknown");
  expect(await acme.call("PATCH", `/webhooks/${id}`, misspelt)).toAnswer(400, "field_unknown");
});

it("takes the fleet API's names of types to exclude, and shows them as they were given", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const exclude_types = ["usage-sms", "network-authentication", "location"];
  const { id } = await acme.givenWebhook({ exclude_types });
  expect((await acme.call("GET", `/webhooks/${id}`)).json.exclude_types).toEqual(exclude_types);
  const time = inMinutes(-1);
  const sent = await deliveredOf(
    validationOf(sim_id, { time, type: "network-authentication" }),
    registrationOf(sim_id, { time }),
    { type: "location", sim_id, time, location: {} },
  );
  expect(sent.map(({ headers }) => headers.get("x-event-type"))).toEqual(["network-registration"]);
});
