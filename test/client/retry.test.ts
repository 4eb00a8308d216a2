import { afterEach, describe, expect, it, vi } from "vitest";
import { createClient, SimplaneError } from "../../client";
import { backoff, readRetryAfter, wait } from "../../client/wait";
import { givenScript, ok, refusal, SILENCE, untilAborted } from "./given-script";

afterEach(() => vi.useRealTimers());

const SIM = { body: { id: "192837465" } };
const LOST = new TypeError("fetch failed");

it("waits as long as it is told to, and tries again", async () => {
  const busy = refusal(429, "too_many_requests", { "retry-after": "7" });
  const overloaded = refusal(503, "overloaded", { "retry-after": "2" });
  const { simplane, sent, waits } = givenScript([busy, overloaded, ok()]);
  const { data } = await simplane.GET("/");
  expect(data).toEqual({ message: "OK" });
  expect({ tries: sent.length, waits }).toEqual({ tries: 3, waits: [7000, 2000] });
});

it.each([502, 503, 504, 520, 522, 524, 530])(
  "tries again after %i, a change under its name",
  async (status) => {
    const gone = () => new Response("gone", { status });
    const { simplane, sent } = givenScript([gone(), ok(), gone(), ok()]);
    await simplane.GET("/");
    await simplane.POST("/sim", SIM);
    expect(sent).toHaveLength(4);
    expect(sent[3]?.headers.get("idempotency-key")).toBe(sent[2]?.headers.get("idempotency-key"));
  },
);

it.each([500, 501, 505, 507, 519, 531])("does not try again after %i", async (status) => {
  const { simplane, sent } = givenScript([new Response("no", { status }), ok()]);
  await expect(simplane.GET("/")).rejects.toBeInstanceOf(SimplaneError);
  expect(sent).toHaveLength(1);
});

it("sends a change whose answer was lost again, under the same name and with the same body", async () => {
  const running = refusal(409, "idempotency_in_progress", { "retry-after": "1" });
  const { simplane, sent, waits } = givenScript([LOST, running, ok()]);
  await simplane.POST("/sim", SIM);
  expect(sent.map(({ body }) => body)).toEqual(Array(3).fill('{"id":"192837465"}'));
  const names = new Set(sent.map(({ headers }) => headers.get("idempotency-key")));
  expect([...names]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(waits[1]).toBe(1000);
});

it("tries again where an answer breaks off in its middle", async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"mess'));
      controller.error(LOST);
    },
  });
  const headers = { "content-type": "application/json; charset=UTF-8" };
  const { simplane, sent } = givenScript([new Response(broken, { headers }), ok()]);
  expect((await simplane.GET("/")).data).toEqual({ message: "OK" });
  expect(sent).toHaveLength(2);
});

it("takes a server that does not answer in time for one that is lost", async () => {
  const { simplane, sent } = givenScript([SILENCE, ok(), SILENCE, ok()]);
  expect((await simplane.GET("/")).data).toEqual({ message: "OK" });
  const making = simplane.POST("/operator/accounts", { body: { name: "Acme" } });
  await expect(making).rejects.toMatchObject({ name: "TimeoutError" });
  expect(sent).toHaveLength(3);
});

it("gives a call half a minute, where nothing else is said", async () => {
  vi.useFakeTimers();
  const fetch = (request: Request) => untilAborted(request.signal);
  const simplane = createClient({ baseUrl: "https://api.example.com", key: "sp_key", fetch });
  const making = simplane.POST("/operator/accounts", { body: { name: "Acme" } });
  const ended = making.catch((thrown: unknown) => thrown);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await ended).toMatchObject({ name: "TimeoutError" });
  expect(vi.getTimerCount()).toBe(0);
});

it("names each change anew, and none that reads", async () => {
  const { simplane, sent } = givenScript([ok(), ok(), ok(), ok()]);
  await simplane.POST("/sim", SIM);
  await simplane.POST("/sim", SIM);
  await simplane.GET("/");
  await simplane.POST("/sim", { ...SIM, params: { header: { "Idempotency-Key": "mine" } } });
  const [first, second, none, own] = sent.map(({ headers }) => headers.get("idempotency-key"));
  expect(first).not.toBe(second);
  expect({ none, own }).toEqual({ none: null, own: "mine" });
});

it("gives up after so many tries, and tells of the last one", async () => {
  const busy = () => refusal(429, "too_many_requests", { "retry-after": "0" });
  const { simplane, sent } = givenScript([busy(), busy(), busy(), busy(), ok()]);
  await expect(simplane.GET("/")).rejects.toMatchObject({ code: "too_many_requests" });
  expect(sent).toHaveLength(4);
});

it("does not wait longer than it may", async () => {
  const busy = refusal(429, "too_many_requests", { "retry-after": "61" });
  const { simplane, waits } = givenScript([busy, ok()]);
  await expect(simplane.GET("/")).rejects.toMatchObject({ status: 429 });
  expect(waits).toEqual([]);
});

describe("what might be done twice is not sent again", () => {
  it.each([LOST, refusal(503, "overloaded", { "retry-after": "2" })])(
    "an account that is made (%s)",
    async (first) => {
      const { simplane, sent } = givenScript([first, ok()]);
      await expect(
        simplane.POST("/operator/accounts", { body: { name: "Acme" } }),
      ).rejects.toBeInstanceOf(Error);
      expect(sent).toHaveLength(1);
    },
  );

  it("but what an account is set to is", async () => {
    const { simplane, sent } = givenScript([LOST, ok({})]);
    const params = { path: { id: "0e5227a9-9a92-4628-82d5-1ebbff656aa7" } };
    await simplane.PATCH("/operator/accounts/{id}", { params, body: { rate_limit: null } });
    expect(sent).toHaveLength(2);
  });

  it("but a report is, since an event counts once", async () => {
    const { simplane, sent } = givenScript([LOST, ok({ accepted: 0, rejected: [] })]);
    await simplane.POST("/operator/events", { body: { events: [] } });
    expect(sent).toHaveLength(2);
  });

  it("nor is what was refused", async () => {
    const { simplane, sent } = givenScript([refusal(409, "id_conflict"), ok()]);
    await expect(simplane.POST("/sim", SIM)).rejects.toBeInstanceOf(SimplaneError);
    expect(sent).toHaveLength(1);
  });
});

it("ends with the caller's signal, in the middle of a wait too", async () => {
  const controller = new AbortController();
  let tries = 0;
  const simplane = createClient({
    baseUrl: "https://api.example.com",
    key: "sp_key",
    fetch: async () => {
      tries += 1;
      setTimeout(() => controller.abort(new Error("the user left")), 5);
      return refusal(429, "too_many_requests", { "retry-after": "30" });
    },
  });
  const { signal } = controller;
  await expect(simplane.GET("/", { signal })).rejects.toThrow("the user left");
  await expect(wait(1, signal)).rejects.toThrow("the user left");
  expect(tries).toBe(1);
});

it("waits however long, where it may", async () => {
  const signal = AbortSignal.abort(new Error("the user left"));
  await expect(wait(Infinity, signal)).rejects.toThrow("the user left");
  let waited = false;
  void wait(2 ** 31).then(() => (waited = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(waited).toBe(false);
});

it("reads a Retry-After in seconds or as a date", () => {
  const now = Date.UTC(2026, 10, 26, 1, 0, 0);
  expect(readRetryAfter("120", now)).toBe(120_000);
  expect(readRetryAfter("Thu, 26 Nov 2026 01:00:30 GMT", now)).toBe(30_000);
  expect(readRetryAfter("Thu, 26 Nov 2026 00:00:00 GMT", now)).toBe(0);
  for (const neither of ["soon", "-5", "1.5", "10, 10"])
    expect(readRetryAfter(neither, now)).toBeUndefined();
  expect(readRetryAfter(null, now)).toBeUndefined();
});

it("waits twice as long each time where nothing is said, no two callers alike", () => {
  expect([0, 1, 2].map((tried) => backoff(tried, 0))).toEqual([500, 1000, 2000]);
  expect([0, 1, 2].map((tried) => backoff(tried, 1))).toEqual([250, 500, 1000]);
});
