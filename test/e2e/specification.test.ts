import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { version } from "../../package.json";
import { report, SAMPLES } from "./support/events";
import { givenAccount } from "./support/given-account";
import { PLAIN_SECRET } from "./support/log";
import { eventually, givenReceiver } from "./support/receiver";
import { signatureOf } from "./support/signature";

const OK = { status: 200, text: '{"message":"OK"}' };

it("answers the specification's sample call of the base URL", async () => {
  const acme = await givenAccount();
  expect(await acme.call("GET", "/")).toMatchObject(OK);
  expect(
    await acme.call("GET", "/", undefined, { authorization: `Bearer ${acme.key}` }),
  ).toMatchObject(OK);
});

it("answers the specification's sample calls of /sim", async () => {
  const acme = await givenAccount();
  const id = "192837465";
  const sim = { id, alias: "My-Lego-Drone01", active: true };
  const json = { "content-type": "application/json" };

  expect(await acme.call("POST", "/sim", sim, json)).toMatchObject(OK);
  expect(await acme.call("GET", "/sim", { id }, json)).toMatchObject({
    status: 200,
    text: '{"id":"192837465","alias":"My-Lego-Drone01","active":true}',
  });
  expect(await acme.call("PUT", "/sim", { ...sim, active: false }, json)).toMatchObject(OK);
  expect(await acme.call("GET", "/sim", { id })).toMatchObject({
    status: 200,
    text: '{"id":"192837465","alias":"My-Lego-Drone01","active":false}',
  });
  expect(await acme.call("DELETE", "/sim", { id }, json)).toMatchObject(OK);
  expect(await acme.call("GET", "/sim", { id })).toMatchObject({
    status: 404,
    text: '{"error":"sim_not_found"}',
  });
});

it("takes /sim without a content type", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim({ alias: "4512345678" });
  expect(await acme.call("PUT", "/sim", { id, alias: "drone" })).toMatchObject(OK);
  expect(await acme.call("GET", "/sim", { id })).toMatchObject({
    status: 200,
    text: `{"id":"${id}","alias":"drone","active":true}`,
    headers: { "content-type": "application/json" },
  });
  expect(await acme.call("DELETE", "/sim", { id })).toMatchObject(OK);
});

it("answers the calls of /connector, and never reads a secret back", async () => {
  const acme = await givenAccount();
  const id = "my-connector";
  const authorization = `${PLAIN_SECRET}connector`;
  const options = { url: "https://sink.example.com/", authorization };

  expect(await acme.call("POST", "/connector", { id, type: "https", options })).toMatchObject(OK);
  const read = await acme.call("GET", "/connector", { id });
  expect(read.status).toBe(200);
  expect(read.text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "TIME")).toBe(
    '{"id":"my-connector","type":"https","options":{"url":"https://sink.example.com/"},"passthrough":[],' +
      '"meta":{"authorization":{"is_set":true,"last_updated_at":"TIME"}}}',
  );
  const passthrough = [{ protocol: "udp", ip: "192.0.2.1", port: 53 }];
  const tls = { id, type: "tls", options: { host: "sink.example.com", port: 8883 }, passthrough };
  expect(await acme.call("PUT", "/connector", tls)).toMatchObject(OK);
  expect(await acme.call("GET", `/connector?id=${id}`)).toMatchObject({
    status: 200,
    text:
      '{"id":"my-connector","type":"tls","options":{"host":"sink.example.com","port":8883},' +
      '"passthrough":[{"protocol":"udp","ip":"192.0.2.1","port":53}],' +
      '"meta":{"ca":{"is_set":false,"last_updated_at":null},"cert":{"is_set":false,"last_updated_at":null},' +
      '"key":{"is_set":false,"last_updated_at":null}}}',
  });
  expect(await acme.call("DELETE", "/connector", { id })).toMatchObject(OK);
  expect(await acme.call("GET", "/connector", { id })).toMatchObject({
    status: 404,
    text: '{"error":"connector_not_found"}',
  });
});

it("sends the specification's samples to the path of their type, signed, and lists the usage", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim({ id: SAMPLES.usage.sim_id });
  const receiver = await givenReceiver();
  const authorization = `${PLAIN_SECRET}receiver`;
  const { secret } = await acme.givenWebhook(`${receiver.url}/{type}`, { authorization });

  await report(...Object.entries(SAMPLES).map(([type, sample]) => ({ type, ...sample })));

  await eventually(() => expect(receiver.calls).toHaveLength(3));
  for (const [type, sample] of Object.entries(SAMPLES)) {
    const call = receiver.calls.find(({ path }) => path === `/${type}`);
    expect(call).toMatchObject({
      text: JSON.stringify(sample),
      headers: {
        "content-type": "application/json",
        authorization,
        "user-agent": `Simplane/${version}`,
        "x-event-type": type,
      },
    });
    expect(new Webhook(secret).verify(call?.text ?? "", signatureOf(call?.headers))).toEqual(
      sample,
    );
  }
  expect(new Set(receiver.calls.map(({ headers }) => headers["webhook-id"])).size).toBe(3);

  const period = { time_begin: "2018-01-01 00:00:00", time_end: "2018-01-02 00:00:00" };
  expect(await acme.call("GET", "/usage", { sim_id, ...period })).toMatchObject({
    status: 200,
    text:
      '{"usage":[{"time":"2018-01-01 01:23:45","bill_id":"1234567890-1234","sim_id":"192837465",' +
      '"country_code":"dk","operation":"finalize","upload":"0","download":"0"}],' +
      '"upload":"0","download":"0","pagination":{"has_more":false}}',
  });
  expect(await acme.call("DELETE", "/sim", { id: sim_id })).toMatchObject(OK);
});
