import { expect, it } from "vitest";
import { report, usagesOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { eventually, givenReceiver } from "../support/receiver";

const EVENTS = 50;

it.concurrent("tries every event at an endpoint that keeps failing, and is prompt at one that does not", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const failing = await givenReceiver((response) => {
    setTimeout(() => response.writeHead(500).end(), 1_000);
  });
  const healthy = await givenReceiver();
  const { id } = await acme.givenWebhook(failing.url);
  await globex.givenWebhook(healthy.url);
  const sim = await globex.givenSim();

  await report(...usagesOf(await acme.givenSim(), EVENTS));
  // Five in a row have failed: what comes now is tried in the slow lane.
  await eventually(() => expect(failing.calls.length).toBeGreaterThan(10));
  await report(...usagesOf(sim, 3));
  await eventually(() => expect(healthy.calls).toHaveLength(3));
  expect(failing.calls.length).toBeLessThan(EVENTS);

  await eventually(() => expect(failing.calls).toHaveLength(EVENTS));
  expect(new Set(failing.calls.map(({ headers }) => headers["webhook-id"])).size).toBe(EVENTS);
  const log = await eventually(async () => {
    const rows = await acme.deliveriesTo(id);
    expect(rows).toHaveLength(EVENTS);
    return rows;
  });
  for (const row of log)
    expect(row).toMatchObject({
      status: "failed",
      response_status: 500,
      failure: null,
      attempt: 1,
    });
});
