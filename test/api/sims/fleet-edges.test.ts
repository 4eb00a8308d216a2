import { expect, it } from "vitest";
import { usageOf } from "../../support/events";
import { givenTag, inMinutes, stored } from "../../support/fleet";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers } from "../../support/pipeline";

const cursorOf = (value: unknown) =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

it("refuses a cursor that no answer gave, rather than begin again", async () => {
  const acme = await givenAccount();
  await acme.givenSim();
  for (const cursor of [
    { filter: {}, sort: "id", after: [] },
    { filter: {}, sort: "label", after: ["000000001"] },
    { filter: {}, sort: "usage", after: ["a", "b", "c"] },
    { filter: {}, sort: "id", after: [1] },
    { filter: {}, sort: "colour", after: ["000000001"] },
    { filter: { colour: "red" }, sort: "id", after: ["000000001"] },
    ["000000001"],
  ])
    expect(await acme.call("GET", `/sims?next_page=${cursorOf(cursor)}`)).toAnswer(
      400,
      "next_page_invalid",
    );
});

it("refuses to page by an offset, which would be the first page for ever", async () => {
  const acme = await givenAccount();
  expect((await acme.call("GET", "/sims?offset=0")).status).toBe(200);
  expect(await acme.call("GET", "/sims?offset=2")).toAnswer(400, "offset_invalid");
});

it("lets a SIM carry a hundred tags, and no more", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const tags: string[] = [];
  for (let n = 0; n < 101; n += 1) tags.push(await givenTag(acme, `tag ${n}`));
  const [last = "", ...hundred] = tags;
  expect((await acme.call("PATCH", `/sims/${id}`, { tags: hundred })).status).toBe(200);
  const put = await acme.call("PUT", `/sims/${id}/tags/${last}`);
  expect(put).toAnswer(409, "tag_limit_reached");
  const { json: sim } = await acme.call("GET", `/sims/${id}`);
  expect(sim.tags).toHaveLength(100);
  expect(await acme.call("PATCH", `/sims/${id}`, sim)).toAnswer(200, sim);
});

it("shows a tag by the name and colour that it has now", async () => {
  const acme = await givenAccount();
  const [id, tag] = [await acme.givenSim(), await givenTag(acme, "old")];
  await acme.call("PUT", `/sims/${id}/tags/${tag}`);
  await acme.call("PATCH", `/tags/${tag}`, { name: "new", color: "#0000ff" });
  const expected = [{ name: "new", id: tag, can_write: true, color: "#0000ff" }];
  expect((await acme.call("GET", `/sims/${id}`)).json.tags).toEqual(expected);
  expect((await acme.call("GET", "/sims")).json.sims[0].tags).toEqual(expected);
});

it("sorts a SIM that was made again by what it used", async () => {
  const acme = await givenAccount();
  const [id, other] = [await acme.givenSim(), await acme.givenSim()];
  const time = inMinutes(-1);
  await stored(usageOf(id, { time, upload: 9_000_000 }), usageOf(other, { time, upload: 1 }));
  await acme.call("DELETE", `/sim?id=${id}`);
  await acme.call("POST", "/sim", { id });
  const { sims } = (await acme.call("GET", "/sims?sort=-usage&limit=1")).json;
  expect(sims[0].id).toBe(id);
});

it("tells a fleet webhook of a SIM's network where the event names none", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const network = { name: "TDC", country: "Denmark", country_code: "DK", mcc: "238", mnc: "01" };
  await acme.givenWebhook({ url: "https://receiver.acme.com/", payload: "fleet" });
  const pipeline = givenPipeline();
  const received = givenReceivers();
  await pipeline.report(usageOf(sim_id, { time: inMinutes(-2), network }));
  await pipeline.storeAll();
  await pipeline.report({ type: "network-deregistration", time: inMinutes(-1), sim_id });
  await pipeline.storeAll();
  await pipeline.deliverAll();
  expect(received.map(({ body }) => JSON.parse(body).network)).toEqual([network, network]);
});
