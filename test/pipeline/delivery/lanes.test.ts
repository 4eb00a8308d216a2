import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { TryOptions } from "../../../src/pipeline/delivery/run-batch";
import { usageOf } from "../../support/events";
import {
  eventsIn,
  givenEndpoints,
  givenFlood,
  hostOf,
  idsOf,
  isDeliveries,
  laneOf,
  refuse,
} from "../../support/flood";
import { failingD1, givenPipeline, givenReceivers, never } from "../../support/pipeline";

it("leaves an endpoint that hangs after a few tries, and delivers to the others all the same", async () => {
  const pipeline = givenPipeline();
  const { webhooks } = await givenFlood(pipeline, ["hanging.com", "healthy.com"], 60);
  const received = givenEndpoints({ "hanging.com": never });
  await pipeline.deliverAll({ timeoutMs: 20 });

  expect(received.filter((one) => hostOf(one) === "healthy.com")).toHaveLength(60);
  const tried = received.filter((one) => hostOf(one) === "hanging.com").length;
  expect(tried).toBeLessThanOrEqual(10);
  expect(eventsIn(pipeline.slow.messages)).toBe(60 - tried);
  expect(await laneOf(webhooks[0]?.id ?? "")).toBe("slow");
  expect(await laneOf(webhooks[1]?.id ?? "")).toBe("fast");

  await pipeline.deliverSlow({ timeoutMs: 20 });
  const ids = received
    .filter((one) => hostOf(one) === "hanging.com")
    .map(({ headers }) => headers.get("webhook-id"));
  expect([ids.length, new Set(ids).size]).toEqual([60, 60]);
});

it("goes on in the slow lane, and comes back when the endpoint accepts five events in a row", async () => {
  const pipeline = givenPipeline();
  const { sim, webhooks } = await givenFlood(pipeline, ["down.com"], 10);
  const id = webhooks[0]?.id ?? "";
  givenEndpoints({ "down.com": refuse });
  await pipeline.deliverAll();
  await pipeline.deliverSlow();

  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  expect([eventsIn(pipeline.deliveries.messages), eventsIn(pipeline.slow.messages)]).toEqual([
    0, 1,
  ]);
  givenEndpoints({});
  for (let accepted = 1; accepted <= 4; accepted += 1) {
    await pipeline.deliverSlow();
    expect(await laneOf(id)).toBe("slow");
    await pipeline.report(usageOf(sim));
    await pipeline.storeAll();
  }
  await pipeline.deliverSlow();
  expect(await laneOf(id)).toBe("fast");
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  expect(eventsIn(pipeline.deliveries.messages)).toBe(1);
});

it("sends what waits in the fast lane to the slow one when the endpoint is there already", async () => {
  const pipeline = givenPipeline();
  const { webhooks } = await givenFlood(pipeline, ["down.com"], 30);
  await env.DB.prepare("UPDATE webhooks SET lane = 'slow'").run();
  const received = givenEndpoints({});
  await pipeline.deliverAll();
  expect(received).toEqual([]);
  expect(eventsIn(pipeline.slow.messages)).toBe(30);
  await pipeline.deliverSlow();
  expect(received).toHaveLength(30);
  expect(await laneOf(webhooks[0]?.id ?? "")).toBe("fast");
});

it("has at most five requests under way", async () => {
  const pipeline = givenPipeline();
  await givenFlood(pipeline, ["a.com", "b.com", "c.com"], 20);
  let underWay = 0;
  let most = 0;
  givenReceivers(async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setTimeout(resolve, 1));
    underWay -= 1;
    return new Response();
  });
  await pipeline.deliverAll();
  expect(most).toBe(5);
});

it("carries a hundred events in a message, and logs a run of a thousand in one row", async () => {
  const pipeline = givenPipeline();
  const { acme, webhooks } = await givenFlood(pipeline, ["healthy.com"], 1000);
  expect(pipeline.deliveries.messages).toHaveLength(10);
  const received = givenEndpoints({});
  await pipeline.deliverAll();
  expect([received.length, idsOf(received).size]).toEqual([1000, 1000]);
  expect(await env.DB.prepare("SELECT count(*) AS n FROM delivery_log").first("n")).toBe(1);
  const { json } = await acme.call("GET", `/webhooks/${webhooks[0]?.id}/deliveries`);
  expect(json.deliveries).toHaveLength(1000);
});

it.each(["fast", "slow"])(
  "puts back what a run of the %s lane has no time for: all is sent, once, in the same try",
  async (lane) => {
    const pipeline = givenPipeline();
    const { acme, webhooks } = await givenFlood(pipeline, ["slow.com"], 120);
    await env.DB.prepare("UPDATE webhooks SET lane = ?").bind(lane).run();
    if (lane === "slow") await pipeline.deliverAll();
    const queue = lane === "fast" ? pipeline.deliveries : pipeline.slow;
    const deliver = (options: TryOptions) =>
      lane === "fast" ? pipeline.deliverAll(options) : pipeline.deliverSlow(options);
    const answerAfter = (ms: number, status: number) => async () => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return new Response(null, { status });
    };
    // A refusal keeps an endpoint in the slow lane, and would move one there.
    const status = lane === "fast" ? 204 : 500;
    const received = givenEndpoints({ "slow.com": answerAfter(5, status) });
    let runs = 0;
    do {
      const before = received.length;
      const delays = queue.delays.length;
      const { acked, retried } = await deliver({ runMs: 20 });
      expect([acked.length > 0, retried]).toEqual([true, []]);
      expect(received.length).toBeGreaterThan(before);
      expect(received.length + eventsIn(queue.messages)).toBe(120);
      expect(queue.delays.slice(delays).every((seconds) => seconds === 0)).toBe(true);
      runs += 1;
    } while (queue.messages.length > 0);
    expect(runs).toBeGreaterThan(2);
    expect([received.length, idsOf(received).size]).toEqual([120, 120]);
    const { json } = await acme.call("GET", `/webhooks/${webhooks[0]?.id}/deliveries`);
    expect(json.deliveries).toHaveLength(120);
    expect(new Set(json.deliveries.map(({ attempt }: { attempt: number }) => attempt))).toEqual(
      new Set([1]),
    );
  },
);

it("keeps the number of a try that it puts back", async () => {
  const pipeline = givenPipeline();
  await givenFlood(pipeline, ["slow.com"], 30);
  const messages = pipeline.deliveries.messages.splice(0);
  pipeline.deliveries.messages.push(
    ...messages.map((message) => ({ ...Object(message), attempt: 4 })),
  );
  givenEndpoints({});
  await pipeline.deliverAll({ runMs: 0 });
  expect(pipeline.deliveries.messages).toMatchObject([{ attempt: 4 }]);
  expect(eventsIn(pipeline.deliveries.messages)).toBe(30);
});

it("sends a small endpoint's events among the first of a run with a big one's", async () => {
  const pipeline = givenPipeline();
  await givenFlood(pipeline, ["big.com"], 300);
  await givenFlood(pipeline, ["small.com"], 5);
  const received = givenEndpoints({});
  await pipeline.deliverAll();
  expect(received).toHaveLength(305);
  expect(received.map(hostOf).lastIndexOf("small.com")).toBeLessThan(15);
});

it.each([
  ["none", 0],
  ["standard", 1],
])("with retry %s, a failed event leaves %d messages behind", async (retry, left) => {
  const pipeline = givenPipeline();
  await givenFlood(pipeline, ["down.com"], 1, { retry });
  givenEndpoints({ "down.com": refuse });
  await pipeline.deliverAll();
  expect([...pipeline.deliveries.messages, ...pipeline.slow.messages]).toHaveLength(left);
});

it("tries again by the standard schedule, with the same webhook-id, until the last try", async () => {
  const pipeline = givenPipeline();
  const { acme, webhooks } = await givenFlood(pipeline, ["down.com"], 1, { retry: "standard" });
  const received = givenEndpoints({ "down.com": refuse });
  await pipeline.deliverAll();
  for (let tries = 2; tries <= 4; tries += 1) await pipeline.deliverAll();
  for (let tries = 5; tries <= 12; tries += 1) {
    await pipeline.deliverAll();
    await pipeline.deliverSlow();
  }
  expect(received).toHaveLength(10);
  expect(new Set(received.map(({ headers }) => headers.get("webhook-id"))).size).toBe(1);
  const delays = [...pipeline.deliveries.delays.slice(1), ...pipeline.slow.delays];
  expect(delays).toHaveLength(9);
  for (const [index, seconds] of [5, 300, 1800, 7200, 18_000, 36_000].entries()) {
    expect(delays[index]).toBeGreaterThanOrEqual(seconds * 0.8);
    expect(delays[index]).toBeLessThanOrEqual(seconds * 1.2);
  }
  const { json } = await acme.call("GET", `/webhooks/${webhooks[0]?.id}/deliveries`);
  const log = json.deliveries.map((one: { attempt: number; status: string }) => [
    one.attempt,
    one.status,
  ]);
  expect(log).toEqual([
    [10, "failed"],
    ...[9, 8, 7, 6, 5, 4, 3, 2, 1].map((attempt) => [attempt, "retrying"]),
  ]);
});

it("waits as long as the endpoint's Retry-After says", async () => {
  const pipeline = givenPipeline();
  await givenFlood(pipeline, ["busy.com"], 1, { retry: "standard" });
  givenEndpoints({
    "busy.com": () => new Response(null, { status: 429, headers: { "retry-after": "777" } }),
  });
  await pipeline.deliverAll();
  expect(pipeline.deliveries.delays.slice(1)).toEqual([1200]);
});

it("keeps events packed that each ask for another Retry-After", async () => {
  const pipeline = givenPipeline();
  await givenFlood(pipeline, ["busy.com"], 500, { retry: "standard" });
  let asked = 999;
  givenEndpoints({
    "busy.com": () => {
      asked += 1;
      return new Response(null, { status: 503, headers: { "retry-after": String(asked) } });
    },
  });
  await env.DB.prepare("UPDATE webhooks SET lane = 'slow'").run();
  await pipeline.deliverAll();
  await pipeline.deliverSlow();
  expect(asked).toBe(1499);
  expect(eventsIn(pipeline.slow.messages)).toBe(500);
  expect(pipeline.slow.messages).toHaveLength(6);
});

it.each(["none", "standard"])(
  "switches a webhook with retry: %s off when its endpoint is gone, visibly, until it is switched on again",
  async (retry) => {
    const pipeline = givenPipeline();
    const { acme, webhooks } = await givenFlood(pipeline, ["gone.com"], 8, { retry });
    const path = `/webhooks/${webhooks[0]?.id}`;
    const received = givenEndpoints({ "gone.com": () => new Response(null, { status: 410 }) });
    await pipeline.deliverAll();
    expect(received.length).toBeLessThanOrEqual(5);
    expect([...pipeline.deliveries.messages, ...pipeline.slow.messages]).toEqual([]);
    const { json: off } = await acme.call("GET", path);
    expect(off).toMatchObject({ active: false, disabled_reason: "gone" });
    expect(Date.parse(off.disabled_at)).toBeGreaterThan(Date.now() - 60_000);
    const { json: log } = await acme.call("GET", `${path}/deliveries`);
    const told = log.deliveries.map((one: { response_status: number | null; failure: string }) =>
      String(one.response_status ?? one.failure),
    );
    expect(new Set(told)).toEqual(new Set(["410", "webhook_off"]));
    const { json: on } = await acme.call("PATCH", path, { active: true });
    expect(on).toMatchObject({ active: true, disabled_reason: null, disabled_at: null });
  },
);

it.each(["none", "standard"])(
  "switches a webhook with retry: %s off after five days of nothing but failures",
  async (retry) => {
    const pipeline = givenPipeline();
    const { acme, webhooks } = await givenFlood(pipeline, ["down.com"], 1, { retry });
    await env.DB.prepare("UPDATE webhooks SET failing_since = ?, recent = '0000'")
      .bind(Date.now() - 5 * 86_400_000)
      .run();
    givenEndpoints({ "down.com": refuse });
    await pipeline.deliverAll();
    const { json } = await acme.call("GET", `/webhooks/${webhooks[0]?.id}`);
    expect(json).toMatchObject({ active: false, disabled_reason: "failing" });
  },
);

const SIX_DAYS_LATER = "UPDATE webhooks SET failing_since = failing_since - 6 * 86400000";

it("switches a webhook that its owner switched on again off after five new failures, not after the first two", async () => {
  const { acme, path, fail } = await givenFailing();
  await fail(4);
  await env.DB.prepare(SIX_DAYS_LATER).run();
  await fail(1);
  expect((await acme.call("GET", path)).json.disabled_reason).toBe("failing");
  await acme.call("PATCH", path, { active: true });
  await fail(1);
  await env.DB.prepare(SIX_DAYS_LATER).run();
  for (let failures = 2; failures <= 5; failures += 1) {
    expect((await acme.call("GET", path)).json.active).toBe(true);
    await fail(1);
  }
  expect((await acme.call("GET", path)).json.disabled_reason).toBe("failing");
});

it.each([{ url: "https://new.com/" }, { url: "https://new.com/", active: true }])(
  "does not count the days that the address before %j failed",
  async (patch) => {
    const { acme, path, fail } = await givenFailing();
    await fail(4);
    await env.DB.prepare(SIX_DAYS_LATER).run();
    await acme.call("PATCH", path, patch);
    await fail(5);
    expect((await acme.call("GET", path)).json.active).toBe(true);
  },
);

it.each([[{ active: false }, { active: true }], [{ url: "https://new.com/" }]])(
  "moves an endpoint to the slow lane after five failures whatever its owner sets between them: %j",
  async (...patches) => {
    const { acme, id, path, fail } = await givenFailing();
    await fail(4);
    for (const patch of patches) await acme.call("PATCH", path, patch);
    expect(await laneOf(id)).toBe("fast");
    await fail(1);
    expect(await laneOf(id)).toBe("slow");
  },
);

/** A webhook whose endpoint answers 500, and a way to send it so many events. */
async function givenFailing() {
  const pipeline = givenPipeline();
  const { acme, sim, webhooks } = await givenFlood(pipeline, ["down.com"], 0);
  const id = webhooks[0]?.id ?? "";
  givenEndpoints({ "down.com": refuse, "new.com": refuse });
  const fail = async (events: number) => {
    for (let sent = 0; sent < events; sent += 1) {
      await pipeline.report(usageOf(sim));
      await pipeline.storeAll();
      await pipeline.deliverAll();
      await pipeline.deliverSlow();
    }
  };
  return { acme, id, path: `/webhooks/${id}`, fail };
}

it("does not switch off an address that its owner set meanwhile", async () => {
  const pipeline = givenPipeline();
  const { acme, webhooks } = await givenFlood(pipeline, ["gone.com"], 1, { retry: "standard" });
  const path = `/webhooks/${webhooks[0]?.id}`;
  givenEndpoints({
    "gone.com": async () => {
      await acme.call("PATCH", path, { url: "https://new.com/" });
      return new Response(null, { status: 410 });
    },
  });
  await pipeline.deliverAll();
  expect((await acme.call("GET", path)).json).toMatchObject({ active: true, disabled_at: null });
});

it("does not switch off for failures what another run saw accept an event", async () => {
  const pipeline = givenPipeline();
  const { acme, webhooks } = await givenFlood(pipeline, ["down.com"], 1, { retry: "standard" });
  const failing = "UPDATE webhooks SET recent = '00000', failing_since = ?";
  await env.DB.prepare(failing)
    .bind(Date.now() - 6 * 86_400_000)
    .run();
  givenEndpoints({
    "down.com": async () => {
      await env.DB.prepare("UPDATE webhooks SET recent = '', failing_since = NULL").run();
      return refuse();
    },
  });
  await pipeline.deliverAll();
  const { json } = await acme.call("GET", `/webhooks/${webhooks[0]?.id}`);
  expect(json).toMatchObject({ active: true, disabled_at: null });
});

it("adds up what runs side by side see: five that see a failure each make five", async () => {
  const pipeline = givenPipeline();
  const { webhooks } = await givenFlood(pipeline, ["down.com"], 5);
  const [message] = pipeline.deliveries.messages.splice(0);
  if (!isDeliveries(message)) throw new Error("no delivery");
  const waiting: (() => void)[] = [];
  givenEndpoints({
    "down.com": () =>
      new Promise((resolve) => {
        waiting.push(() => resolve(refuse()));
        if (waiting.length === 5) for (const answer of waiting) answer();
      }),
  });
  await Promise.all(
    message.events.map((event) =>
      pipeline.hand("simplane-deliveries", [{ ...message, events: [event] }]),
    ),
  );
  expect(await laneOf(webhooks[0]?.id ?? "")).toBe("slow");
});

it("logs what it does not send because the webhook is off, so that a replay finds it", async () => {
  const pipeline = givenPipeline();
  const { acme, webhooks } = await givenFlood(pipeline, ["gone.com"], 8, { retry: "standard" });
  const path = `/webhooks/${webhooks[0]?.id}`;
  givenEndpoints({ "gone.com": () => new Response(null, { status: 410 }) });
  await pipeline.deliverAll();
  const { json } = await acme.call("GET", `${path}/deliveries?status=failed`);
  expect(json.deliveries).toHaveLength(8);
  await acme.call("PATCH", path, { active: true });
  const replay = { since: "2020-01-01T00:00:00Z", status: "failed", dry_run: true };
  expect(await acme.call("POST", `${path}/replay`, replay)).toAnswer(200, { events: 8 });
});

it("does not forget that an endpoint is gone when D1 refuses to note it", async () => {
  const pipeline = givenPipeline();
  await givenFlood(pipeline, ["gone.com"], 1, { retry: "standard" });
  givenEndpoints({ "gone.com": () => new Response(null, { status: 410 }) });
  const messages = pipeline.deliveries.messages.splice(0);
  const DB = failingD1(() => true);
  expect(await pipeline.hand("simplane-deliveries", messages, 1, { DB })).toEqual({
    acked: [],
    retried: ["0"],
  });
});
