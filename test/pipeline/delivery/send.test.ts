import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { expect, it, vi } from "vitest";
import { version } from "../../../package.json";
import { callAsOperator } from "../../support/call";
import { HOSTILE_URLS } from "../../support/hostile-urls";
import { registrationOf, usageOf, validationOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers, never } from "../../support/pipeline";

it("POSTs each event as the specification's sample, with headers that the public library verifies", async () => {
  const acme = await givenAccount();
  const { secret } = await acme.givenWebhook({ authorization: "OUR-API-KEY" });
  const sim = await acme.givenSim({ id: "192837465" });
  const pipeline = givenPipeline();
  const received = givenReceivers();
  const usage = { bill_id: "1234567890-1234", operation: "finalize", upload: 0, download: "0" };
  await pipeline.report(usageOf(sim, usage), validationOf(sim), registrationOf(sim));
  await pipeline.storeAll();
  await pipeline.deliverAll();

  const time = `"time":"2026-03-01 01:23:45"`;
  const rest = `"sim_id":"192837465","imei":"1234567890987654","country_code":"dk"`;
  expect(received.map(({ url, body }) => [url, body])).toEqual([
    [
      "https://receiver.acme.com/usage",
      `{${time},"bill_id":"1234567890-1234","sim_id":"192837465","country_code":"dk","operation":"finalize","upload":"0","download":"0"}`,
    ],
    ["https://receiver.acme.com/network-validation", `{${time},${rest}}`],
    [
      "https://receiver.acme.com/network-registration",
      `{${time},${rest},"country_code_previous":"de"}`,
    ],
  ]);
  for (const { headers, body } of received) {
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("authorization")).toBe("OUR-API-KEY");
    expect(headers.get("user-agent")).toBe(`Simplane/${version}`);
    expect(new Webhook(secret).verify(body, Object.fromEntries(headers))).toEqual(JSON.parse(body));
  }
  expect(received.map(({ headers }) => headers.get("x-event-type"))).toEqual([
    "usage",
    "network-validation",
    "network-registration",
  ]);
});

it("sends a webhook what it wants of its own account only", async () => {
  const acme = await givenAccount();
  const other = await givenAccount();
  await acme.givenWebhook({ url: "https://all.acme.com/" });
  await acme.givenWebhook({ url: "https://some.acme.com/", exclude_types: ["usage"] });
  await acme.givenWebhook({ url: "https://none.acme.com/", active: false });
  await other.givenWebhook({ url: "https://other.com/" });
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const received = givenReceivers();
  await pipeline.report(usageOf(sim), validationOf(sim));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  expect(received.map(({ url }) => url).toSorted()).toEqual([
    "https://all.acme.com/",
    "https://all.acme.com/",
    "https://some.acme.com/",
  ]);
});

it("sends each account's events to its own webhook only, though they come in one batch", async () => {
  const accounts = [await givenAccount(), await givenAccount()];
  const sims: string[] = [];
  for (const [index, account] of accounts.entries()) {
    await account.givenWebhook({ url: `https://account-${index}.com/` });
    sims.push(await account.givenSim());
  }
  const pipeline = givenPipeline();
  await pipeline.report(...sims.flatMap((sim) => [usageOf(sim), validationOf(sim)]));
  expect(pipeline.events.messages).toHaveLength(1);
  await pipeline.storeAll();
  const received = givenReceivers();
  await pipeline.deliverAll();
  expect(received).toHaveLength(4);
  for (const { url, body } of received)
    expect(url).toBe(`https://account-${sims.indexOf(JSON.parse(body).sim_id)}.com/`);
});

it.each([
  ["classic", "fleet"],
  ["fleet", "classic"],
])(
  "sends each webhook the payload that it asked for, made %s first and %s second",
  async (...payloads) => {
    const acme = await givenAccount();
    for (const payload of payloads)
      await acme.givenWebhook({ url: `https://${payload}.com/`, payload });
    const pipeline = givenPipeline();
    await pipeline.report(usageOf(await acme.givenSim()));
    await pipeline.storeAll();
    const received = givenReceivers();
    await pipeline.deliverAll();
    const kinds = received.map(({ url, body }) => [
      new URL(url).hostname,
      "iccid" in JSON.parse(body) ? "fleet.com" : "classic.com",
    ]);
    expect(kinds).toHaveLength(2);
    for (const [host, kind] of kinds) expect(kind).toBe(host);
  },
);

it("packs large events into messages under 64 KB each", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook({ payload: "fleet" });
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const large = { bill_id: "b".repeat(250), network: { name: "n".repeat(100) } };
  const events = Array.from({ length: 200 }, (_, index) =>
    usageOf(sim, { ...large, bill_id: `${large.bill_id}${index}` }),
  );
  await pipeline.report(...events);
  await pipeline.storeAll();
  const sizes = [...pipeline.events.messages, ...pipeline.deliveries.messages].map(
    (message) => new TextEncoder().encode(JSON.stringify(message)).byteLength,
  );
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBeLessThan(64_000);
});

it("puts nothing on a queue for a webhook that is off", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook({ active: false });
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(await acme.givenSim()));
  await pipeline.storeAll();
  expect([...pipeline.deliveries.messages, ...pipeline.slow.messages]).toEqual([]);
});

it("does not count a URL that is no longer allowed as a failure of the endpoint", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline({ OWN_HOSTNAMES: "receiver.acme.com" });
  await pipeline.report(...Array.from({ length: 30 }, () => usageOf(sim)));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  const health = "SELECT lane, recent, failing_since FROM webhooks";
  expect(await env.DB.prepare(health).first()).toEqual({
    lane: "fast",
    recent: "",
    failing_since: null,
  });
});

it.each([302, 307, 308])("takes a redirect (%i) for no acceptance", async (status) => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(await acme.givenSim()));
  await pipeline.storeAll();
  givenReceivers(() => new Response(null, { status, headers: { location: "https://a.com/" } }));
  await pipeline.deliverAll();
  const { json } = await acme.call("GET", `/webhooks/${id}/deliveries`);
  expect(json.deliveries).toMatchObject([{ status: "failed", response_status: status }]);
});

it("sends an event with the same webhook-id to every webhook and at every try", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const received = givenReceivers();
  const messages = [{ events: [usageOf(sim), usageOf(sim, { id: "given" })] }];
  for (const attempts of [1, 2]) {
    await pipeline.hand("simplane-events", messages, attempts);
    await pipeline.deliverAll();
  }
  const ids = received.map(({ headers }) => headers.get("webhook-id") ?? "");
  expect(ids).toHaveLength(8);
  expect(new Set(ids).size).toBe(2);
  expect(ids.filter((id) => id === "given")).toHaveLength(4);
  expect(ids.filter((id) => /^evt_[0-9a-z]+_[0-9]{9}_[0-9a-f]{16}$/.test(id))).toHaveLength(4);
});

it.each([200, 204, 299, 302, 400, 410, 500])(
  "tries once when the endpoint answers %i",
  async (status) => {
    const pipeline = await givenDelivery();
    const received = givenReceivers(
      () => new Response(null, { status, headers: { location: "https://elsewhere.acme.com/" } }),
    );
    expect(await pipeline.deliverAll()).toEqual({ acked: ["0"], retried: [] });
    expect(received.map(({ url, redirect }) => [url, redirect])).toEqual([
      ["https://receiver.acme.com/usage", "manual"],
    ]);
  },
);

it("gives an endpoint 15 seconds to answer, and no more", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(await acme.givenSim()));
  await pipeline.storeAll();
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  let sent: Date | undefined;
  try {
    const asked = Promise.withResolvers<void>();
    givenReceivers((request) => {
      asked.resolve();
      return never(request);
    });
    let ended = false;
    const run = pipeline.deliverAll().then(() => (ended = true));
    await asked.promise;
    sent = new Date();
    await vi.advanceTimersByTimeAsync(14_999);
    const endedEarly = ended;
    await vi.advanceTimersByTimeAsync(1);
    // A run with a longer limit ends as well, late.
    await vi.advanceTimersByTimeAsync(120_000);
    await run;
    expect(endedEarly).toBe(false);
  } finally {
    vi.useRealTimers();
  }
  const { json } = await acme.call("GET", `/webhooks/${id}/deliveries`);
  const time = sent?.toISOString();
  expect(json.deliveries).toMatchObject([{ time, failure: "timeout", duration_ms: 15_000 }]);
});

it("gives up an endpoint that does not answer in time, and one that cannot be reached", async () => {
  const pipeline = await givenDelivery();
  const received = givenReceivers(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  );
  expect(await pipeline.deliverAll({ timeoutMs: 5 })).toEqual({ acked: ["0"], retried: [] });
  expect(received).toHaveLength(1);

  const unreachable = await givenDelivery();
  givenReceivers(() => Promise.reject(new Error("Network connection lost")));
  expect((await unreachable.deliverAll()).acked).toEqual(["0"]);
});

it("does not read what the endpoint says", async () => {
  const pipeline = await givenDelivery();
  let cancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1024)),
    cancel: () => void (cancelled = true),
  });
  givenReceivers(() => new Response(endless));
  expect((await pipeline.deliverAll()).acked).toEqual(["0"]);
  expect(cancelled).toBe(true);
});

it("checks the address when it is set, and again when it is sent to", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const pipeline = givenPipeline({
    OWN_HOSTNAMES: "api.example.com,own.example.net,api2.example.net",
  });
  const sim = await acme.givenSim();
  const received = givenReceivers();
  const hostile = HOSTILE_URLS.flatMap(([, urls]) => urls);
  expect(hostile.length).toBeGreaterThan(60);
  const event = { id: "e", type: "usage", sim_id: sim, body: "{}" };
  const message = { webhook_id: id, account_id: acme.id, events: [event] };
  for (const url of hostile) {
    expect(await acme.call("PATCH", `/webhooks/${id}`, { url })).toAnswer(400, "url_invalid");
    await env.DB.prepare("UPDATE webhooks SET url = ?").bind(url).run();
    expect((await pipeline.hand("simplane-deliveries", [message])).acked).toEqual(["0"]);
  }
  expect(received).toEqual([]);
  const { json } = await acme.call("GET", `/webhooks/${id}/deliveries?limit=1`);
  expect(json.deliveries).toMatchObject([{ status: "failed", failure: "url_forbidden" }]);
});

it("drops what waits for a webhook that is deleted or switched off meanwhile", async () => {
  const acme = await givenAccount();
  const [deleted, off] = [await acme.givenWebhook(), await acme.givenWebhook()];
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  await acme.call("DELETE", `/webhooks/${deleted.id}`);
  await acme.call("PATCH", `/webhooks/${off.id}`, { active: false });
  const received = givenReceivers();
  expect(await pipeline.deliverAll()).toEqual({ acked: ["0", "1"], retried: [] });
  expect(received).toEqual([]);
});

it("tries a batch again when D1 cannot say where to deliver", async () => {
  const pipeline = await givenDelivery();
  const DB = new Proxy(env.DB, {
    get: (target, name) =>
      name === "prepare"
        ? () => {
            throw new Error("D1_ERROR: the test says no");
          }
        : Reflect.get(target, name),
  });
  const messages = pipeline.deliveries.messages.splice(0);
  const result = await pipeline.hand("simplane-deliveries", messages, 1, { DB });
  expect(result).toEqual({ acked: [], retried: ["0"] });
});

it("holds up no other webhook when one's secrets do not open", async () => {
  const acme = await givenAccount();
  const broken = await acme.givenWebhook({ url: "https://broken.acme.com/" });
  await acme.givenWebhook({ url: "https://sound.acme.com/" });
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  // Sealed for another row: what it is bound to does not fit.
  await env.DB.prepare(
    "UPDATE webhooks SET secret = (SELECT secret FROM webhooks WHERE id <> ?1) WHERE id = ?1",
  )
    .bind(broken.id)
    .run();
  const received = givenReceivers();
  const { acked, retried } = await pipeline.deliverAll();
  expect([acked.length, retried.length]).toEqual([1, 1]);
  expect(received.map(({ url }) => url)).toEqual(["https://sound.acme.com/"]);
});

it("packs a flood for one webhook into few messages, and acknowledges each once all of it is tried", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(...Array.from({ length: 500 }, () => usageOf(sim)));
  await pipeline.storeAll();
  expect(pipeline.deliveries.messages).toHaveLength(5);
  const received = givenReceivers();
  expect((await pipeline.deliverAll()).acked).toHaveLength(5);
  expect(new Set(received.map(({ headers }) => headers.get("webhook-id"))).size).toBe(500);
});

it("sets aside a delivery that every try failed for, and delivers it when the operator asks", async () => {
  const pipeline = await givenDelivery();
  const messages = pipeline.deliveries.messages.splice(0);
  await pipeline.hand("simplane-deliveries-dead", messages);
  const [kept] = await unmatched();
  expect(kept).toMatchObject({ reason: "dead_lettered" });
  await callAsOperator("POST", `/operator/events/unmatched/${kept.id}/retry`, undefined, {
    env: pipeline.env,
  });
  const received = givenReceivers();
  await pipeline.deliverAll();
  expect(received).toHaveLength(1);
  expect(await unmatched()).toEqual([]);
});

it("takes a dead delivery's row away when its webhook is gone, and keeps one row when it dies again", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  await pipeline.hand("simplane-deliveries-dead", pipeline.deliveries.messages.splice(0));
  const retry = async () => {
    const [kept] = await unmatched();
    const path = `/operator/events/unmatched/${kept.id}/retry`;
    await callAsOperator("POST", path, undefined, { env: pipeline.env });
  };
  await retry();
  await pipeline.hand("simplane-deliveries-dead", pipeline.deliveries.messages.splice(0));
  expect(await unmatched()).toHaveLength(1);
  await retry();
  await acme.call("DELETE", `/webhooks/${id}`);
  await pipeline.deliverAll();
  expect(await unmatched()).toEqual([]);
});

it.each([null, 5, {}, { webhook_id: "x", account_id: "y", events: [] }])(
  "sets aside %j, which is no delivery, and stays there when it is tried again",
  async (body) => {
    const pipeline = givenPipeline();
    expect((await pipeline.hand("simplane-deliveries", [body])).acked).toEqual(["0"]);
    const [kept] = await unmatched();
    expect(kept).toMatchObject({ reason: "message_invalid", event: body });
    const path = `/operator/events/unmatched/${kept.id}/retry`;
    const answer = await callAsOperator("POST", path, undefined, { env: pipeline.env });
    expect(answer).toAnswer(409, "unmatched_not_retriable");
    await pipeline.deliverAll();
    expect(await unmatched()).toHaveLength(1);
  },
);

it("delivers to the others when one endpoint's delivery fails on our side", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook({ url: "https://one.acme.com/" });
  await acme.givenWebhook({ url: "https://two.acme.com/" });
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  vi.spyOn(crypto.subtle, "sign").mockRejectedValueOnce(new Error("the test says no"));
  const received = givenReceivers();
  const { acked, retried } = await pipeline.deliverAll();
  expect([acked.length, retried.length]).toEqual([1, 1]);
  expect(received).toHaveLength(1);
});

/** A pipeline with one usage event waiting for one webhook. */
async function givenDelivery() {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  return pipeline;
}

async function unmatched() {
  return (await callAsOperator("GET", "/operator/events/unmatched")).json.events;
}
