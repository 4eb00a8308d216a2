import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { expect, inject, it } from "vitest";
import { createClient, verifyWebhook, type WebhookEvent } from "../../client";
import { report, usageOf } from "./support/events";
import { givenAccount } from "./support/given-account";
import { eventually, listen } from "./support/receiver";

const baseUrl = inject("server").url;

/** An account, and a client that has its key. */
async function givenClient() {
  const acme = await givenAccount();
  return { acme, simplane: createClient({ baseUrl, key: acme.key }) };
}

it("makes a change once, though its answer was lost", async () => {
  const { acme, simplane } = await givenClient();
  let tries = 0;
  const unlucky = createClient({
    baseUrl,
    key: acme.key,
    fetch: async (request) => {
      tries += 1;
      const response = await fetch(request);
      if (tries > 1) return response;
      await response.text();
      throw new TypeError("the connection broke before the answer");
    },
  });
  const { data } = await unlucky.POST("/webhooks", { body: { url: "http://localhost:9/" } });
  expect(data.secret).toMatch(/^whsec_/);
  const webhooks = await simplane.GET("/webhooks");
  expect(webhooks.data.map(({ id }) => id)).toEqual([data.id]);
  expect(tries).toBe(2);
});

it("gives what webhooks are sent, by payload and type, while the secret is changed", async () => {
  const { acme, simplane } = await givenClient();
  const sim_id = await acme.givenSim();
  let secret = "";
  const events: WebhookEvent[] = [];
  const server = createServer((request, response) => {
    const { headers } = request;
    buffer(request)
      .then((body) => verifyWebhook({ headers, body }, secret))
      .then(
        (event) => response.writeHead(204).end(void events.push(event)),
        () => response.writeHead(401).end(),
      );
  });
  const url = `http://127.0.0.1:${await listen(server)}/{type}`;
  for (const payload of ["classic", "fleet"] as const) {
    const made = await simplane.POST("/webhooks", { body: { url, payload } });
    secret = made.data.secret;
    const params = { path: { id: made.data.id } };
    const test = await simplane.POST("/webhooks/{id}/test", { params, body: { type: "usage" } });
    expect(test.data.response_status).toBe(204);
    // The old secret signs on, beside the new one.
    await simplane.POST("/webhooks/{id}/rotate-secret", { params });
    await report(usageOf(sim_id, { bill_id: payload }));
    await eventually(() => expect(billsIn(events, payload)).toContain(payload));
    await simplane.DELETE("/webhooks/{id}", { params });
  }
  expect(events.filter(({ isTest }) => isTest).map(({ payload }) => payload)).toEqual([
    "classic",
    "fleet",
  ]);
});

function billsIn(events: WebhookEvent[], payload: WebhookEvent["payload"]): string[] {
  return events.flatMap((event) => {
    return event.type === "usage" && event.payload === payload ? [event.data.bill_id] : [];
  });
}

it("follows the feed, stops, and goes on where it stopped", async () => {
  const { acme, simplane } = await givenClient();
  const sim_id = await acme.givenSim();
  const controller = new AbortController();
  const bills: string[] = [];
  let cursor = "";
  await report(usageOf(sim_id, { bill_id: "first" }));
  const { signal } = controller;
  for await (const page of simplane.follow({ pollMs: 50, signal })) {
    for (const { type, data } of page.events) if (type === "usage") bills.push(data.bill_id);
    cursor = page.cursor;
    if (bills.includes("second")) controller.abort();
    else await report(usageOf(sim_id, { bill_id: "second" }));
  }
  expect(bills).toEqual(["first", "second"]);
  await report(usageOf(sim_id, { bill_id: "third" }));
  const goingOn = simplane.follow({ after: cursor, pollMs: 50 });
  const { value } = await goingOn.next();
  expect(value?.events).toMatchObject([{ type: "usage", data: { bill_id: "third" } }]);
});
