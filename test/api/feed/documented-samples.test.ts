import { expect, it } from "vitest";
import guide from "../../../docs/webhooks.md?raw";
import { type Event, parseEvent } from "../../../src/events/schemas";
import { classicPayload, fleetPayload } from "../../../src/events/payload";

/** The objects of the guide's first sample behind a heading. */
function samplesBehind(heading: string): Record<string, unknown>[] {
  const [, text = ""] = guide.split(`\n${heading}\n`);
  const [, block = ""] = text.split(/```(?:json)?\n/);
  return block
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** A sample as the core network would report it. */
function eventOf(sample: Record<string, unknown>): Event {
  const told = Object.entries(sample).filter(([, value]) => value !== null);
  const parsed = parseEvent(Object.fromEntries(told));
  if ("error" in parsed) throw new Error(`${parsed.error}: ${JSON.stringify(sample)}`);
  return parsed.event;
}

it("documents the payload fleet as it is sent of a SIM whose device is known", () => {
  const samples = samplesBehind("### Payload fleet");
  expect(samples.map(({ type }) => type)).toEqual(["usage", "network-registration"]);
  const iccid = "8945000000100000001";
  const nowhere = { network: null, country_code: null };
  const sim = { iccid, label: "harbour 7", ipv4: null, imei: "358299849999999", ...nowhere };
  for (const sample of samples) {
    const sent = fleetPayload(eventOf(sample), sim);
    expect(Object.keys(sample).toSorted()).toEqual(Object.keys(sent).toSorted());
    expect(sample).toEqual(sent);
  }
});

it("documents the classic payload as it is sent", () => {
  const types = ["usage", "network-validation", "network-registration", "network-deregistration"];
  const samples = samplesBehind("## What is sent");
  expect(samples).toHaveLength(5);
  for (const [index, type] of [...types, "location"].entries()) {
    const sent = classicPayload(eventOf({ type, ...samples[index] }));
    expect(samples[index]).toEqual(sent);
  }
});
