import { expect, it } from "vitest";
import { report, usageOf } from "./support/events";
import { givenAccount, newSimId } from "./support/given-account";
import { eventually, givenReceiver } from "./support/receiver";
import { asOperator, isObject, listIn, objectIn } from "./support/request";

const PERIOD = { time_begin: "2018-01-01 00:00:00", time_end: "2018-02-01 00:00:00" };

it("stores, sums and delivers once an event that is reported several times", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const receiver = await givenReceiver();
  await acme.givenWebhook(receiver.url);
  const event = usageOf(sim_id, { upload: "1000", download: "20" });

  await report(event, event);
  await eventually(() => expect(receiver.calls).not.toHaveLength(0));
  await report(event);
  // The queues keep the order: when this one has come, so would have what was reported before it.
  const last = { time: "2018-01-03 00:00:00", upload: "1", download: "2" };
  await report(usageOf(sim_id, last));
  await eventually(() => expect(receiver.calls.at(-1)?.text).toContain(last.time));

  expect(receiver.calls).toHaveLength(2);
  const usage = objectIn(await acme.call("GET", "/usage", { sim_id, ...PERIOD }));
  expect(usage).toMatchObject({ upload: "1001", download: "22" });
  expect(usage.usage).toHaveLength(2);
});

it("takes the good events of a call and names the wrong ones", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const events = [usageOf(sim_id), usageOf("1"), { ...usageOf(sim_id), type: "weather" }];

  const answer = await asOperator("POST", "/operator/events", { events });
  expect(answer.status).toBe(202);
  expect(objectIn(answer)).toMatchObject({
    accepted: 1,
    rejected: [
      {
        index: 1,
        error: "sim_id_invalid",
        detail: 'sim_id: expected a string of nine digits, got "1"',
      },
      { index: 2, error: "type_invalid" },
    ],
  });
  await eventually(async () => {
    const { usage } = objectIn(await acme.call("GET", "/usage", { sim_id, ...PERIOD }));
    expect(usage).toHaveLength(1);
  });
});

it("keeps an event of an unknown SIM until the operator tries it again", async () => {
  const acme = await givenAccount();
  const receiver = await givenReceiver();
  await acme.givenWebhook(`${receiver.url}/{type}`);
  const sim_id = newSimId();
  await report(usageOf(sim_id, { upload: "7" }));
  const kept = await eventually(async () => {
    const row = await unmatchedOf(sim_id);
    expect(row).toMatchObject({ reason: "sim_not_found", event: { type: "usage", sim_id } });
    return row;
  });

  const sims = [{ id: sim_id, account_id: acme.id }];
  expect(await asOperator("PUT", "/operator/sims", { sims })).toMatchObject({ status: 200 });
  await acme.givenSim({ id: sim_id });
  const retry = await asOperator("POST", `/operator/events/unmatched/${String(kept?.id)}/retry`);
  expect(retry).toMatchObject({ status: 202, text: '{"message":"OK"}' });

  await eventually(async () => expect(await unmatchedOf(sim_id)).toBeUndefined());
  const usage = objectIn(await acme.call("GET", "/usage", { sim_id, ...PERIOD }));
  expect(usage).toMatchObject({ upload: "7", usage: [{ sim_id, upload: "7" }] });
  await eventually(() => expect(receiver.calls).toHaveLength(1));
  expect(receiver.calls[0]).toMatchObject({ path: "/usage", headers: { "x-event-type": "usage" } });
});

async function unmatchedOf(simId: string): Promise<Record<string, unknown> | undefined> {
  const rows = listIn(await asOperator("GET", "/operator/events/unmatched"), "events");
  return rows.find(({ event }) => isObject(event) && event.sim_id === simId);
}
