import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { GivenAccount } from "../../support/given-account";
import { givenNorth } from "../../support/given-north";
import { givenUsage } from "./given-usage";

/** The most that a record may say. */
const MOST = 100_000_000_000_000n;
const A_MINUTE = 1000;
const MINUTES = 93;
/** 9.3 million TB: past 2^63 bytes. */
const ALL = String(MOST * BigInt(A_MINUTE * MINUTES));

/** A core network's fault: every record of a day says 100 TB. */
async function givenHugeRecords(sim_id: string): Promise<void> {
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const time = new Date(Date.UTC(2026, 2, 10, 0, minute)).toISOString();
    await givenUsage(
      ...Array.from({ length: A_MINUTE }, () => ({
        sim_id,
        time,
        upload: String(MOST),
        download: "1",
        network: { mcc: "238", mnc: "01" },
      })),
    );
  }
}

const HUGE = 9_000_000_000_000_000_000n;

/** Totals of two days near 2^63 bytes, as the consumer keeps them. */
async function givenHugeTotals(accountId: string, sim: string): Promise<void> {
  for (const day of [20522, 20523]) {
    const bytes = String(HUGE);
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO usage_days VALUES (?, ?, ?, 'dk', ${bytes}, ${bytes}, 2, '[]', 1, 0)`,
      ).bind(accountId, sim, day),
      env.DB.prepare(`INSERT INTO account_days VALUES (?, ?, 'dk', ${bytes}, ${bytes}, 2)`).bind(
        accountId,
        day,
      ),
      env.DB.prepare(
        `INSERT INTO account_hours VALUES (?, ?, 'dk', '238-01', ${bytes}, ${bytes}, 2)`,
      ).bind(accountId, day * 24),
    ]);
  }
}

let acme: GivenAccount;
let north: string;
let sim: string;
let all: string[];

beforeEach(async () => {
  const given = await givenNorth();
  ({ acme, north } = given);
  sim = await given.givenTagged([north]);
  const march = "time:2026-03";
  all = [
    "/usage?time_begin=2026-03-01T00:00:00Z&time_end=2026-04-01T00:00:00Z&limit=1",
    `/usage?sim_id=${sim}&time_begin=2026-03-01T00:00:00Z&time_end=2026-04-01T00:00:00Z&limit=1`,
    `/usage?filter=${march}&limit=1`,
    `/usage/${sim}?filter=${march}&limit=1`,
    ...["days", "months", "sim", "country", "network", "hours"].map(
      (group) => `/usage?group=${group}&filter=${march}`,
    ),
    `/usage/tag-total/${north}?filter=${march}`,
  ];
});

describe("usage of more bytes than 64 bits count", () => {
  it("is added up exactly over days, however it is asked for", async () => {
    await givenHugeTotals(acme.id, sim);
    for (const path of all) {
      const { status, json } = await acme.call("GET", path);
      const { upload, download } = json;
      expect({ path, status, upload, download }).toEqual({
        path,
        status: 200,
        upload: String(2n * HUGE),
        download: String(2n * HUGE),
      });
    }
    const { usage } = (await acme.call("GET", "/usage?group=months&filter=time:2026-03")).json;
    expect(usage).toMatchObject([{ bytes: Number.MAX_SAFE_INTEGER, upload: String(2n * HUGE) }]);
  });

  it("stays readable and never negative where one day's total would pass 64 bits", async () => {
    await givenHugeRecords(sim);
    for (const path of all) {
      const { status, json } = await acme.call("GET", path);
      expect({ path, status, download: json.download }).toEqual({
        path,
        status: 200,
        download: String(A_MINUTE * MINUTES),
      });
      expect([ALL, "9223372036854775807"]).toContain(json.upload);
    }
    for (const path of [`/sims/${sim}`, "/sims?sort=-usage"])
      expect((await acme.call("GET", path)).status).toBe(200);
    const more = { sim_id: sim, time: "2026-03-10T23:00:00Z", upload: String(MOST) };
    await givenUsage(more);
    const after = await acme.call("GET", all[0] ?? "");
    expect(after.json.upload).toBe("9223372036854775807");
  }, 120_000);
});
