import { expect, inject, it } from "vitest";
import { usagesOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { eventually } from "../support/receiver";
import { objectIn, request } from "../support/request";

const PERIOD = { time_begin: "2018-01-01 00:00:00", time_end: "2018-02-01 00:00:00" };

it.concurrent("stores a report of 2,000 lines and names the few bad ones", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const lines: unknown[] = usagesOf(sim_id, 2_000).map((event) => JSON.stringify(event));
  lines[0] = '{"type":"usage"';
  lines[777] = JSON.stringify({ ...usagesOf(sim_id, 1)[0], upload: -1 });
  lines[1_234] = "[]";
  lines[1_999] = JSON.stringify({ type: "weather" });
  // Blank lines do not count.
  const body = `\n${lines.join("\r\n")}\n\n`;

  const answer = await request("POST", "/operator/events", body, {
    authorization: inject("server").operatorKey,
    "content-type": "application/x-ndjson; charset=utf-8",
  });
  expect(answer).toMatchObject({ status: 202 });
  expect(objectIn(answer)).toMatchObject({
    accepted: 1_996,
    rejected: [
      { index: 0, error: "event_invalid" },
      { index: 777, error: "upload_invalid" },
      { index: 1_234, error: "event_invalid" },
      { index: 1_999, error: "type_invalid" },
    ],
  });
  await eventually(async () => {
    const usage = objectIn(await acme.call("GET", "/usage", { sim_id, ...PERIOD, limit: 1 }));
    expect(usage).toMatchObject({ upload: "1996", download: "3992" });
  });
});
