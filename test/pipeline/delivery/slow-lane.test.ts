import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { usageOf } from "../../support/events";
import { eventsIn, givenEndpoints, givenFlood, hostOf, laneOf, refuse } from "../../support/flood";
import { givenAccount } from "../../support/given-account";
import { givenPipeline } from "../../support/pipeline";

/** An endpoint that answers 200 after so many milliseconds, by a clock that stands still meanwhile. */
function answersAfter(ms: number) {
  vi.useFakeTimers({ toFake: ["Date"] });
  return () => {
    vi.setSystemTime(Date.now() + ms);
    return new Response(null, { status: 200 });
  };
}

describe("an endpoint that answers 200 after 14 s", () => {
  afterEach(() => void vi.useRealTimers());

  it("goes to the slow lane after five tries, and its events are accepted all the same", async () => {
    const pipeline = givenPipeline();
    const { acme, webhooks } = await givenFlood(pipeline, ["slow.com"], 60);
    const received = givenEndpoints({ "slow.com": answersAfter(14_000) });
    await pipeline.deliverAll({ runMs: 600_000 });
    expect(received.length).toBeLessThanOrEqual(10);
    expect(eventsIn(pipeline.slow.messages)).toBe(60 - received.length);
    expect(await laneOf(webhooks[0]?.id ?? "")).toBe("slow");
    const { json } = await acme.call("GET", `/webhooks/${webhooks[0]?.id}/deliveries`);
    expect(json.deliveries[0]).toMatchObject({ status: "accepted", response_status: 200 });
  });

  it("is left by a run of the fast lane after 20 s, and by one of the slow lane after 10 s", async () => {
    const pipeline = givenPipeline();
    await givenFlood(pipeline, ["slow.com"], 120);
    const received = givenEndpoints({ "slow.com": answersAfter(400) });
    await pipeline.deliverAll();
    const tried = received.splice(0).length;
    expect([tried >= 50, tried <= 55]).toEqual([true, true]);
    expect(eventsIn(pipeline.deliveries.messages)).toBe(120 - tried);
    await env.DB.prepare("UPDATE webhooks SET lane = 'slow', recent = '0'").run();
    await pipeline.deliverAll();
    const triedSlowly = givenEndpoints({ "slow.com": answersAfter(3_000) });
    await pipeline.deliverSlow();
    expect([triedSlowly.length >= 4, triedSlowly.length <= 9]).toEqual([true, true]);
    expect(eventsIn(pipeline.slow.messages)).toBe(120 - tried - triedSlowly.length);
  });
});

describe("two accounts in the slow lane", () => {
  afterEach(() => void vi.useRealTimers());

  it("an account rests as long as its turn took: another's events come before the rest of its own", async () => {
    const pipeline = givenPipeline();
    await givenFlood(pipeline, ["hog.com"], 300);
    await env.DB.prepare("UPDATE webhooks SET lane = 'slow'").run();
    await pipeline.deliverAll();
    const received = givenEndpoints({ "hog.com": answersAfter(10_000) });
    await pipeline.deliverSlow();
    const tried = received.splice(0).length;
    expect(tried).toBeGreaterThan(0);

    const { sim } = await givenFlood(pipeline, ["well.com"], 0);
    await env.DB.prepare("UPDATE webhooks SET lane = 'slow' WHERE url LIKE '%well.com%'").run();
    await pipeline.report(usageOf(sim));
    await pipeline.storeAll();
    const messages = pipeline.slow.messages.length;
    const { acked, retried } = await pipeline.deliverSlowNow();
    expect([acked.length, retried]).toEqual([messages, []]);
    expect(received.map(hostOf)).toEqual(["well.com"]);
    expect(eventsIn(pipeline.slow.messages)).toBe(300 - tried);
    await pipeline.deliverSlowNow();
    expect(received.map(hostOf)).toEqual(["well.com"]);
    expect(pipeline.slow.delays.slice(-2)).toEqual([2, 2]);

    await pipeline.deliverSlow();
    expect(received.map(hostOf).filter((host) => host === "hog.com").length).toBeGreaterThan(0);
  });

  it("an account has another turn beside one that goes on, a moment later", async () => {
    const pipeline = givenPipeline();
    const { sim } = await givenFlood(pipeline, ["hog.com"], 1);
    await env.DB.prepare("UPDATE webhooks SET lane = 'slow'").run();
    await pipeline.deliverAll();
    vi.useFakeTimers({ toFake: ["Date"] });
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Response>();
    const received = givenEndpoints({
      "hog.com": () => {
        asked.resolve();
        return received.length === 1 ? answer.promise : new Response(null, { status: 204 });
      },
    });
    const first = pipeline.deliverSlowNow();
    await asked.promise;
    await pipeline.report(usageOf(sim));
    await pipeline.storeAll();
    await pipeline.deliverSlowNow();
    expect(received).toHaveLength(1);
    vi.setSystemTime(Date.now() + 1_000);
    await pipeline.deliverSlowNow();
    expect(received).toHaveLength(2);
    answer.resolve(new Response(null, { status: 204 }));
    await first;
  });

  it("an account rests after its longest turn, whenever a shorter one beside it ends", async () => {
    const pipeline = givenPipeline();
    const { sim } = await givenFlood(pipeline, ["hog.com"], 1);
    await env.DB.prepare("UPDATE webhooks SET lane = 'slow'").run();
    await pipeline.deliverAll();
    vi.useFakeTimers({ toFake: ["Date"] });
    const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
    const answers: (() => void)[] = [];
    givenEndpoints({
      "hog.com": () =>
        new Promise((resolve) => answers.push(() => resolve(new Response(null, { status: 204 })))),
    });
    const report = async (count: number) => {
      await pipeline.report(...Array.from({ length: count }, () => usageOf(sim)));
      await pipeline.storeAll();
    };
    const asked = (count: number) => vi.waitFor(() => expect(answers).toHaveLength(count));

    const one = pipeline.deliverSlowNow();
    await asked(1);
    later(1_000);
    await report(5);
    const five = pipeline.deliverSlowNow();
    await asked(6);
    // Five requests hold all slots for 20 s, one holds a fifth of them for 21 s.
    later(20_000);
    for (const answer of answers.slice(1)) answer();
    await five;
    answers[0]?.();
    await one;

    later(6_000);
    await report(1);
    await pipeline.deliverSlowNow();
    expect(answers).toHaveLength(6);
    later(20_000);
    const last = pipeline.deliverSlowNow();
    await asked(7);
    answers[6]?.();
    await last;
  });

  it("an account whose endpoint is back in the fast lane takes no turn: its next webhook begins there", async () => {
    const pipeline = givenPipeline();
    const { acme } = await givenFlood(pipeline, ["well.com"], 1);
    const received = givenEndpoints({});
    await pipeline.hand("simplane-deliveries-slow", pipeline.deliveries.messages.splice(0));
    expect(received).toHaveLength(1);
    expect(await laneOf((await acme.givenWebhook()).id)).toBe("fast");
  });

  it("an account that answers quickly has its next turn at once", async () => {
    const pipeline = givenPipeline();
    const { sim } = await givenFlood(pipeline, ["well.com"], 1);
    await env.DB.prepare("UPDATE webhooks SET lane = 'slow'").run();
    await pipeline.deliverAll();
    const received = givenEndpoints({ "well.com": answersAfter(0) });
    for (let sent = 1; sent <= 3; sent += 1) {
      await pipeline.deliverSlowNow();
      expect(received).toHaveLength(sent);
      await pipeline.report(usageOf(sim));
      await pipeline.storeAll();
    }
  });
});

describe("in the slow lane", () => {
  const SLOW = "UPDATE webhooks SET lane = 'slow', recent = '00000', failing_since = 1";
  const health = () => env.DB.prepare("SELECT lane, recent, failing_since FROM webhooks").first();

  it("an endpoint stays when its owner names the same address, or switches it on", async () => {
    const pipeline = givenPipeline();
    const { acme, webhooks } = await givenFlood(pipeline, ["down.com"], 1);
    await env.DB.prepare(SLOW).run();
    const path = `/webhooks/${webhooks[0]?.id}`;
    for (const patch of [{ active: true }, { url: "https://down.com/" }]) {
      await acme.call("PATCH", path, patch);
      expect(await health()).toEqual({ lane: "slow", recent: "00000", failing_since: 1 });
    }
  });

  it("an endpoint with another address stays, and has to answer before it leaves", async () => {
    const pipeline = givenPipeline();
    const { acme, webhooks } = await givenFlood(pipeline, ["down.com"], 1);
    await env.DB.prepare(SLOW).run();
    await acme.call("PATCH", `/webhooks/${webhooks[0]?.id}`, { url: "https://new.com/" });
    expect(await health()).toMatchObject({ lane: "slow", failing_since: null });
  });

  it("a new webhook begins, where its account was there within the hour: deleting one is no way out", async () => {
    const pipeline = givenPipeline();
    const { acme, webhooks } = await givenFlood(pipeline, ["down.com"], 10);
    givenEndpoints({ "down.com": refuse });
    await pipeline.deliverAll();
    await acme.call("DELETE", `/webhooks/${webhooks[0]?.id}`);
    const again = await acme.givenWebhook();
    expect(await laneOf(again.id)).toBe("slow");
    const other = await givenAccount();
    expect(await laneOf((await other.givenWebhook()).id)).toBe("fast");
    await env.DB.prepare("UPDATE slow_turns SET rest_until = rest_until - 3600000").run();
    expect(await laneOf((await acme.givenWebhook()).id)).toBe("fast");
  });
});
