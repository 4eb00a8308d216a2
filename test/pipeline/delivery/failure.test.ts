import { describe, expect, it } from "vitest";
import { usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers } from "../../support/pipeline";

/** An error as the runtime throws it (workerd 1.20261117.1; test/e2e/endpoint-failures.test.ts has real ones). */
function ofTheNetwork(message: string, marks: object) {
  return Object.assign(new Error(message), { remote: true, ...marks });
}
const lost = () => ofTheNetwork("Network connection lost.", { retryable: true });
const notSent = () => ofTheNetwork("internal error; reference = 1a2b3c", {});

/** The log's entry of an event whose tries end as given, and how many there were. */
async function delivered(...tries: (() => Response | Error)[]) {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  let tried = 0;
  const received = givenReceivers(() => {
    const outcome = (tries[tried] ?? (() => new Response()))();
    tried += 1;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  });
  await pipeline.deliverAll();
  const { json } = await acme.call("GET", `/webhooks/${id}/deliveries`);
  return { received, log: json.deliveries };
}

describe("a connection that is lost before there is an answer", () => {
  it("is tried once more at once: it may have been kept open and closed just then", async () => {
    const { received, log } = await delivered(lost);
    expect(log).toMatchObject([{ attempt: 1, status: "accepted", response_status: 200 }]);
    expect(new Set(received.map(({ headers }) => headers.get("webhook-id"))).size).toBe(1);
    expect(received).toHaveLength(2);
  });

  it("is a failure when it is lost again", async () => {
    const { received, log } = await delivered(lost, lost);
    expect(log).toMatchObject([{ status: "failed", response_status: null, failure: "connection" }]);
    expect(received).toHaveLength(2);
  });
});

it("does not try again at once where nothing could be sent", async () => {
  const { received, log } = await delivered(notSent);
  expect(log).toMatchObject([{ status: "failed", response_status: null, failure: "handshake" }]);
  expect(received).toHaveLength(1);
});

describe("an answer of Cloudflare's own, in place of an endpoint's", () => {
  it.each([
    [520, "protocol"],
    [521, "refused"],
    [522, "timeout"],
    [523, "connection"],
    [524, "timeout"],
    [525, "tls"],
    [526, "tls"],
    [530, "name"],
  ])("%i is the failure %s", async (status, failure) => {
    const headers = { server: "cloudflare" };
    const { log } = await delivered(() => new Response("error code: 1016", { status, headers }));
    expect(log).toMatchObject([{ status: "failed", response_status: null, failure }]);
  });

  it("is told by its header: an endpoint may answer 521 itself, and one behind Cloudflare 500", async () => {
    const own = await delivered(() => new Response(null, { status: 521 }));
    expect(own.log).toMatchObject([{ response_status: 521, failure: null }]);
    const headers = { server: "cloudflare" };
    const behind = await delivered(() => new Response(null, { status: 500, headers }));
    expect(behind.log).toMatchObject([{ response_status: 500, failure: null }]);
  });
});

it("asks for no compressed answer, and follows no redirect", async () => {
  const { received } = await delivered();
  expect(received[0]?.headers.get("accept-encoding")).toBe("identity");
  expect(received[0]?.redirect).toBe("manual");
});
