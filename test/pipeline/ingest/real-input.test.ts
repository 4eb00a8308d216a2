import { describe, expect, it } from "vitest";
import { parseEvent } from "../../../src/events/schemas";
import { call } from "../../support/call";
import { MARCH, registrationOf, usageOf, validationOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline } from "../../support/pipeline";
import { sentBy } from "../../support/unmatched";

const OPTIONAL = ["id", "session_id", "network_type", "status", "reason", "network", "location"];

describe("null and an empty text mean absent", () => {
  it.each([...OPTIONAL, "country_code"])("in %s of a usage record", async (field) => {
    const acme = await givenAccount();
    const sim = await acme.givenSim();
    const pipeline = givenPipeline();
    const answer = await pipeline.report(
      usageOf(sim, { [field]: null }),
      usageOf(sim, { [field]: "" }),
    );
    expect(answer).toAnswer(202, { accepted: 2, rejected: [] });
    await pipeline.storeAll();
    expect((await acme.call("GET", MARCH)).json).toMatchObject({ upload: "20", download: "200" });
  });

  it.each(["name", "country", "country_code", "mcc", "mnc"])("in network.%s", async (field) => {
    const network = { name: "TDC", mcc: "238", mnc: "01" };
    for (const empty of [null, ""]) {
      const parsed = parseEvent(usageOf("192837465", { network: { ...network, [field]: empty } }));
      expect(parsed).toMatchObject({ event: { network: { [field]: null } }, warnings: [] });
    }
  });

  it.each(["imei", "country_code", "country_code_previous"])(
    "in %s of a registration",
    async (field) => {
      for (const empty of [null, "", undefined]) {
        const parsed = parseEvent(registrationOf("192837465", { [field]: empty }));
        expect(parsed).toMatchObject({ event: { [field]: null }, warnings: [] });
      }
    },
  );
});

describe("takes what is unambiguous", () => {
  it.each([
    ["a record's id as a number", { id: 17 }, { id: "17" }],
    ["a bill as a number", { bill_id: 20261120 }, { bill_id: "20261120" }],
    ["a session as a number", { session_id: 4711 }, { session_id: "4711" }],
    ["a reason as a number", { reason: 13 }, { reason: "13" }],
    ["an MCC as a number", { network: { mcc: 238 } }, { network: { mcc: "238" } }],
    ["a cell as text", { location: { cell_id: "21679616" } }, { location: { cell_id: 21679616 } }],
    ["degrees as text", { location: { lat: "-55.67" } }, { location: { lat: -55.67 } }],
    [
      "an IMEI as it is printed",
      { type: "location", imei: "35-209900-176148-1", location: {} },
      { imei: "352099001761481" },
    ],
    [
      "an IMEI as a number",
      { type: "network-validation", imei: 352099001761481 },
      { imei: "352099001761481" },
    ],
    [
      "an IMEISV as a number: with 16 digits, none is missing",
      { type: "network-validation", imei: 1352099001761481 },
      { imei: "1352099001761481" },
    ],
  ])("%s", (_, given, expected) => {
    const parsed = parseEvent(usageOf("192837465", given));
    expect(parsed).toMatchObject({ event: expected, warnings: [] });
  });

  it("a correction that names its record by a number, as the record was named", async () => {
    const acme = await givenAccount();
    const sim = await acme.givenSim();
    const pipeline = givenPipeline();
    await pipeline.report(usageOf(sim, { id: 7001, upload: 1 }));
    await pipeline.storeAll();
    const correction = { id: 7002, operation: "correct", replaces: 7001, upload: 2 };
    expect(await pipeline.report(usageOf(sim, correction))).toAnswer(202, {
      accepted: 1,
      rejected: [],
    });
    await pipeline.storeAll();
    expect((await acme.call("GET", MARCH)).json.upload).toBe("2");
  });
});

describe("leaves out what only decorates a record, and says so", () => {
  it.each([
    ["network_type", { network_type: "x".repeat(17) }],
    ["network_type", { network_type: { rat: 6 } }],
    ["network", { network: "TDC" }],
    ["network.mnc", { network: { mcc: "238", mnc: 1 } }],
    ["network.country_code", { network: { country_code: "Denmark" } }],
    ["location", { location: [55, 12] }],
    ["location.lat", { location: { lat: 155, lng: 12 } }],
    ["location.cell_id", { location: { cell_id: "0x14a" } }],
    ["status", { status: ["accepted"] }],
    ["reason", { reason: {} }],
  ])("%s: %j", async (field, given) => {
    const acme = await givenAccount();
    const sim = await acme.givenSim();
    const pipeline = givenPipeline();
    const answer = await pipeline.report(usageOf(sim), usageOf(sim, given));
    const [top = ""] = field.split(".");
    expect(answer).toAnswer(202, {
      accepted: 2,
      rejected: [],
      warnings: [{ index: 1, field, error: `${top}_invalid` }],
    });
    await pipeline.storeAll();
    expect((await acme.call("GET", MARCH)).json.usage).toHaveLength(2);
  });

  it("the country that a registration came from", async () => {
    const acme = await givenAccount();
    const sim = await acme.givenSim();
    const pipeline = givenPipeline();
    await acme.givenWebhook();
    const answer = await pipeline.report(registrationOf(sim, { country_code_previous: "DEU" }));
    expect(answer).toAnswer(202, {
      accepted: 1,
      rejected: [],
      warnings: [
        { index: 0, field: "country_code_previous", error: "country_code_previous_invalid" },
      ],
    });
    await pipeline.storeAll();
    const data = { country_code: "dk", country_code_previous: null };
    expect(sentBy(pipeline)).toMatchObject([{ data }]);
  });

  it("keeps the parts beside it", () => {
    const network = { name: "TDC", mcc: "238", mnc: "1" };
    expect(parseEvent(usageOf("192837465", { network }))).toMatchObject({
      event: { network: { name: "TDC", mcc: "238", mnc: null } },
    });
  });

  it("cuts a long reason, since a refusal without one would read as a registration", () => {
    const parsed = parseEvent(
      registrationOf("192837465", { reason: `no\u0007${"x".repeat(300)}` }),
    );
    expect(parsed).toMatchObject({
      event: { reason: `no${"x".repeat(253)}` },
      warnings: [{ field: "reason", error: "reason_invalid" }],
    });
  });

  it("in NDJSON, by the number of the line", async () => {
    const lines = [usageOf("192837465"), usageOf("192837465", { network: "TDC" })];
    const pipeline = givenPipeline();
    const answer = await call(
      "POST",
      "/operator/events",
      lines.map((line) => JSON.stringify(line)).join("\n"),
      {
        key: pipeline.env.OPERATOR_KEY,
        env: pipeline.env,
        headers: { "content-type": "application/x-ndjson" },
      },
    );
    expect(answer.json.warnings).toEqual([
      { index: 1, field: "network", error: "network_invalid" },
    ]);
  });

  it("names at most 1,000 in an answer", async () => {
    const events = Array.from({ length: 600 }, () =>
      usageOf("192837465", { network: 1, location: 1 }),
    );
    const { json } = await givenPipeline().report(...events);
    expect(json.accepted).toBe(600);
    expect(json.warnings).toHaveLength(1_000);
  });
});

describe("refuses still", () => {
  it.each([
    ["a country that is none", { country_code: "dnk" }, "country_code_invalid"],
    ["a bill that is missing", { bill_id: null }, "bill_id_invalid"],
    ["bytes that are missing", { upload: null }, "upload_invalid"],
    ["half a byte", { upload: 0.5 }, "upload_invalid"],
    ["an id that is a fraction", { id: 1.5 }, "id_invalid"],
    ["a session that is an object", { session_id: {} }, "session_id_invalid"],
  ])("%s", (_, given, error) => {
    expect(parseEvent(usageOf("192837465", given))).toMatchObject({ error });
  });

  it("an IMEI that is none, and a place that is missing from a location", () => {
    // Numbers that may have lost the zero of a TAC that begins with 01, and one too large for a number to be exact.
    for (const imei of ["12", 12, 13528700401234, 135287004012345, 9935287004012344])
      expect(parseEvent(validationOf("192837465", { imei }))).toMatchObject({
        error: "imei_invalid",
      });
    const type = "location";
    for (const location of [null, "", "here"])
      expect(parseEvent(validationOf("192837465", { type, location }))).toMatchObject({
        error: "location_invalid",
      });
  });
});

it("takes back what webhooks of the payload fleet and the network log say", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await acme.givenWebhook({ payload: "fleet" });
  const dress = { network_type: "", network: { mcc: "238", mnc: "01" } };
  await pipeline.report(registrationOf(sim, dress), usageOf(sim));
  await pipeline.storeAll();
  const sent = sentBy(pipeline).map(({ data }) => data);
  const { json } = await acme.call("GET", `/network-logs/${sim}`);
  expect(sent).toHaveLength(2);
  expect(json.docs).toHaveLength(1);
  const answer = await pipeline.report(...sent, ...json.docs);
  expect(answer).toAnswer(202, { accepted: 3, rejected: [] });
});
