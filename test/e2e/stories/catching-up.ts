import { expect, it } from "vitest";
import { report, SAMPLES, usagesOf } from "../support/events";
import { givenFirstReceiver } from "../support/first-receiver";
import { givenAccount } from "../support/given-account";
import { eventually } from "../support/receiver";
import { isObject, listIn, objectIn } from "../support/request";

it.concurrent("lets a receiver that was down catch up by the feed, and again by a replay", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const receiver = await givenFirstReceiver();
  const { id, secret } = await acme.givenWebhook(receiver.url);
  receiver.trust(secret);
  const begin = new Date().toISOString();

  const registration = { type: "network-registration", ...SAMPLES["network-registration"], sim_id };
  await report(...usagesOf(sim_id, 2, "before"), registration);
  await eventually(() => expect(receiver.events.size).toBe(3));
  // What it knows already; the cursor of the end is for what comes then.
  let after = (await readFeed()).next;

  await receiver.goDown();
  await report(...usagesOf(sim_id, 8, "first outage"));
  await eventually(async () => expect(await failed()).toHaveLength(8));
  await receiver.comeBack();
  for (let more = true; more;) {
    const page = await readFeed(after, 3);
    for (const { id: eventId, data } of page.events) receiver.keep(String(eventId), data);
    ({ next: after, more } = page);
  }
  expect(receiver.events.size).toBe(11);
  expect(receiver.arrivals).toHaveLength(3);

  await receiver.goDown();
  await report(...usagesOf(sim_id, 8, "second outage"));
  await eventually(async () => expect(await failed()).toHaveLength(16));
  await receiver.comeBack();
  const replay = { since: begin, status: "failed" };
  expect(
    await acme.call("POST", `/webhooks/${id}/replay`, { ...replay, dry_run: true }),
  ).toMatchObject({ status: 200, text: '{"events":16}' });
  expect(receiver.arrivals).toHaveLength(3);
  expect(await acme.call("POST", `/webhooks/${id}/replay`, replay)).toMatchObject({
    status: 202,
    text: '{"events":16}',
  });
  await eventually(() => expect(receiver.arrivals).toHaveLength(19));

  // Every event of the account once, with the very content and id that the feed has.
  const all = await readFeed();
  expect(all.events).toHaveLength(19);
  expect(receiver.events).toEqual(
    new Map(all.events.map(({ id: eventId, data }) => [eventId, data])),
  );
  // The next outage is caught up with from here.
  expect((await readFeed(all.next)).events).toEqual([]);
  const accepted = await eventually(async () => {
    const rows = await acme.deliveriesTo(id, "status=accepted");
    expect(rows).toHaveLength(19);
    return rows;
  });
  expect(new Set(accepted.map((row) => row.event_id))).toEqual(new Set(receiver.events.keys()));

  async function readFeed(cursor = "", limit = 1000) {
    const answer = await acme.call("GET", `/events?limit=${limit}${cursor && `&after=${cursor}`}`);
    const { pagination } = objectIn(answer);
    if (!isObject(pagination)) throw new Error("no pagination");
    const next = String(pagination.next_page);
    return { events: listIn(answer, "events"), next, more: pagination.has_more === true };
  }

  async function failed() {
    const rows = await acme.deliveriesTo(id, "status=failed");
    for (const row of rows)
      expect(row).toMatchObject({ attempt: 1, response_status: null, failure: "connection" });
    return rows;
  }
});

it.concurrent("answers an event by the webhook-id that a receiver saw, to its account only", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const sim_id = await acme.givenSim();
  const receiver = await givenFirstReceiver();
  receiver.trust((await acme.givenWebhook(receiver.url)).secret);
  const named = { ...usagesOf(sim_id, 1, "named")[0], id: `cdr/${sim_id}?1` };
  await report(...usagesOf(sim_id, 1), named);
  await eventually(() => expect(receiver.events.size).toBe(2));
  expect([...receiver.events.keys()]).toContain(named.id);

  for (const [id, data] of receiver.events) {
    const path = `/events/${encodeURIComponent(id)}`;
    const answer = await acme.call("GET", path);
    expect(answer).toMatchObject({ status: 200 });
    expect(objectIn(answer)).toEqual({ id, type: "usage", data });
    expect(await globex.call("GET", path)).toMatchObject({
      status: 404,
      text: '{"error":"event_not_found"}',
    });
  }
});
