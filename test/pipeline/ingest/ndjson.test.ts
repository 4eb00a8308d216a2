import { expect, it } from "vitest";
import { MARCH, usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, type Pipeline } from "../../support/pipeline";
import { callAsOperator } from "../../support/call";

function reportLines(pipeline: Pipeline, lines: string | Uint8Array) {
  const headers = { "content-type": "application/x-ndjson" };
  return callAsOperator("POST", "/operator/events", lines, { headers, env: pipeline.env });
}

it("reports an event a line, and names the wrong lines", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const lines = [usageOf(sim), usageOf(sim, { upload: "x" }), usageOf(sim)].map((e) =>
    JSON.stringify(e),
  );
  const twice = `{"type":"usage",${(lines[0] ?? "").slice(1)}`;
  const text = `${lines[0]}\r\n\n${lines[1]}\nno json\n[]\n${lines[2]}\n${twice}`;
  expect(await reportLines(pipeline, text)).toAnswer(202, {
    accepted: 2,
    rejected: [
      {
        index: 1,
        error: "upload_invalid",
        detail: 'upload: expected text of the form /^[0-9]{1,15}$/, got "x"',
      },
      { index: 2, error: "event_invalid" },
      { index: 3, error: "event_invalid" },
      { index: 5, error: "event_invalid" },
    ],
  });
  await pipeline.storeAll();
  expect((await acme.call("GET", MARCH)).json.usage).toHaveLength(2);
});

it("takes 10,000 events in a call, packed into messages of 100, and no more", async () => {
  const pipeline = givenPipeline();
  const lines = Array.from({ length: 10_000 }, () => JSON.stringify(usageOf("000000001")));
  expect(await reportLines(pipeline, lines.join("\n"))).toAnswer(202, {
    accepted: 10_000,
    rejected: [],
  });
  expect(pipeline.events.messages).toHaveLength(100);
  lines.push(lines[0] ?? "");
  expect(await reportLines(pipeline, lines.join("\n"))).toAnswer(400, "events_invalid");
});

it("gives the wrong line its own index, however far down it is", async () => {
  const pipeline = givenPipeline();
  const lines = Array.from({ length: 1000 }, () => JSON.stringify(usageOf("000000001")));
  lines[777] = "{}";
  expect((await reportLines(pipeline, lines.join("\n"))).json).toMatchObject({
    accepted: 999,
    rejected: [{ index: 777, error: "type_invalid" }],
  });
});

it.each([
  ["nothing", "", 400, "events_invalid"],
  ["blank lines", "\n \r\n", 400, "events_invalid"],
  ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), 400, "json_invalid"],
  ["more than 4 MB", "x".repeat(4 * 1024 * 1024 + 1), 413, "body_too_large"],
] as const)("refuses %s", async (_name, text, status, code) => {
  const pipeline = givenPipeline();
  expect(await reportLines(pipeline, text)).toAnswer(status, code);
  expect(pipeline.events.messages).toEqual([]);
});
