import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { call } from "../../support/call";
import { givenAccount } from "../../support/given-account";
import { givenReceivers } from "../../support/pipeline";

it("sends a marked sample event of the type, and answers what the endpoint said", async () => {
  const acme = await givenAccount();
  const { id, secret } = await acme.givenWebhook({ active: false });
  const received = givenReceivers(
    () => new Response(`thanks ${"x".repeat(5000)}`, { status: 418 }),
  );
  const { json } = await acme.call("POST", `/webhooks/${id}/test`, {
    type: "network-registration",
  });
  expect(json).toMatchObject({ accepted: false, response_status: 418, failure: null });
  expect(json.response).toBe(`thanks ${"x".repeat(1017)}`);
  const [{ url, headers, body } = { url: "", headers: new Headers(), body: "" }] = received;
  expect(url).toBe("https://receiver.acme.com/network-registration");
  expect(headers.get("x-simplane-test")).toBe("true");
  expect(headers.get("webhook-id")).toBe(json.event_id);
  expect(new Webhook(secret).verify(body, Object.fromEntries(headers))).toEqual({
    time: "2018-01-01 01:23:45",
    sim_id: "000000000",
    imei: "1234567890987654",
    country_code: "dk",
    country_code_previous: "de",
  });
  expect((await acme.call("GET", `/webhooks/${id}/deliveries`)).json.deliveries).toEqual([]);
});

it("goes by the status of an endpoint whose body breaks off", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  let pulls = 0;
  const broken = () =>
    new ReadableStream({
      pull(controller) {
        pulls += 1;
        if (pulls > 1) controller.error(new Error("Network connection lost"));
        else controller.enqueue(new TextEncoder().encode("hi"));
      },
    });
  givenReceivers(() => new Response(broken()));
  const { json } = await acme.call("POST", `/webhooks/${id}/test`);
  expect(json).toMatchObject({
    accepted: true,
    response_status: 200,
    failure: null,
    response: "hi",
  });
});

it("says when the endpoint cannot be reached", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  givenReceivers(() => Promise.reject(new Error("Network connection lost")));
  const { json } = await acme.call("POST", `/webhooks/${id}/test`, {});
  expect(json).toMatchObject({ accepted: false, response_status: null, failure: "connection" });
});

it("refuses an unknown type, and another account's webhook", async () => {
  const [acme, other] = [await givenAccount(), await givenAccount()];
  const { id } = await acme.givenWebhook();
  expect(await acme.call("POST", `/webhooks/${id}/test`, { type: "sms" })).toAnswer(
    400,
    "type_invalid",
  );
  expect(await other.call("POST", `/webhooks/${id}/test`, {})).toAnswer(404, "webhook_not_found");
});

it("begins no chain where a webhook leads to a test of itself, by a name that is not known to be our own", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook({ authorization: acme.key });
  const path = `/webhooks/${id}/test`;
  await acme.call("PATCH", `/webhooks/${id}`, { url: `https://alias.example.net${path}` });
  const answers: string[] = [];
  givenReceivers(async (request) => {
    if (answers.length > 5) return new Response();
    const headers = Object.fromEntries(request.headers);
    const { status, text } = await call("POST", path, await request.text(), { headers });
    answers.push(text);
    return new Response(text, { status });
  });
  const { json } = await acme.call("POST", path);
  expect(json).toMatchObject({ accepted: false, response_status: 403 });
  expect(answers).toEqual(['{"error":"webhook_loop"}']);
});
