import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { type Api, ApiFailure } from "./api";
import { DEMO_CONNECTORS, DEMO_SIMS, type DemoUsage, demoUsage } from "./demo-fleet";

const EVENTS_A_CALL = 1000;
const STEP_MS = 250;

const Issued = z.object({ issued: z.literal(DEMO_SIMS.length) });
const Reported = z.object({ accepted: z.int(), rejected: z.array(z.unknown()).max(0) });
const Totals = z.object({ upload: z.coerce.number(), download: z.coerce.number() });

/** Gives the demo account its connectors, SIMs and usage, through the API; ends when `/usage` has all of it. */
export async function seed(
  operator: Api,
  account: Api,
  accountId: string,
  now: number,
): Promise<void> {
  // Issued cards let the account make its SIMs whatever SIM_REGISTRATION is.
  const cards = DEMO_SIMS.map(({ id }) => ({
    id,
    iccid: `8945000000${id}`,
    account_id: accountId,
  }));
  await operator("PUT", "/operator/sims", Issued, { sims: cards });
  for (const connector of DEMO_CONNECTORS) await create(account, "/connector", connector);
  for (const sim of DEMO_SIMS) await create(account, "/sim", sim);

  const { events, begin } = demoUsage(now);
  for (let start = 0; start < events.length; start += EVENTS_A_CALL) {
    const some = events.slice(start, start + EVENTS_A_CALL);
    await operator("POST", "/operator/events", Reported, { events: some });
  }
  await untilStored(account, events, begin, now);
}

async function create(account: Api, path: string, thing: object): Promise<void> {
  try {
    await account("POST", path, z.unknown(), thing);
  } catch (error) {
    // A start that was interrupted made it already.
    if (!(error instanceof ApiFailure && error.body === '{"error":"id_conflict"}')) throw error;
  }
}

/** Events go through a queue: waits until the account's totals are those of all of them. */
async function untilStored(
  account: Api,
  events: readonly DemoUsage[],
  begin: number,
  now: number,
  timeoutMs = 60_000,
): Promise<void> {
  const upload = events.reduce((sum, event) => sum + event.upload, 0);
  const download = events.reduce((sum, event) => sum + event.download, 0);
  const period = `time_begin=${new Date(begin).toISOString()}&time_end=${new Date(now).toISOString()}`;
  for (const end = Date.now() + timeoutMs; Date.now() < end; await pause(STEP_MS)) {
    const stored = await account("GET", `/usage?limit=1&${period}`, Totals);
    if (stored.upload >= upload && stored.download >= download) return;
  }
  throw new Error(`The demo's usage was not stored in ${timeoutMs / 1000} s.`);
}
