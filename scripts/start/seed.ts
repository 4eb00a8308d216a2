import { setTimeout as pause } from "node:timers/promises";
import { type Simplane, SimplaneError } from "../../client";
import { DEMO_CONNECTORS, DEMO_SIMS, type DemoUsage, demoUsage } from "./demo-fleet";

const EVENTS_A_CALL = 1000;
const STEP_MS = 250;

/** Gives the demo account its connectors, SIMs and usage, through the API; ends when `/usage` has all of it. */
export async function seed(
  operator: Simplane,
  account: Simplane,
  accountId: string,
  now: number,
): Promise<void> {
  // Issued cards let the account make its SIMs whatever SIM_REGISTRATION is.
  const cards = DEMO_SIMS.map(({ id }) => ({
    id,
    iccid: `8945000000${id}`,
    account_id: accountId,
  }));
  noneOf((await operator.PUT("/operator/sims", { body: { sims: cards } })).data.rejected);
  for (const body of DEMO_CONNECTORS) await account.POST("/connector", { body }).catch(existing);
  for (const body of DEMO_SIMS) await account.POST("/sim", { body }).catch(existing);

  const { events, begin } = demoUsage(now);
  for (let start = 0; start < events.length; start += EVENTS_A_CALL) {
    const some = events.slice(start, start + EVENTS_A_CALL);
    noneOf((await operator.POST("/operator/events", { body: { events: some } })).data.rejected);
  }
  await untilStored(account, events, begin, now);
}

function noneOf(rejected: readonly unknown[]): void {
  if (rejected.length > 0) throw new Error(`The demo was refused: ${JSON.stringify(rejected)}`);
}

/** A start that was interrupted made it already. */
function existing(error: unknown): void {
  if (!(error instanceof SimplaneError && error.code === "id_conflict")) throw error;
}

/** Events go through a queue: waits until the account's totals are those of all of them. */
async function untilStored(
  account: Simplane,
  events: readonly DemoUsage[],
  begin: number,
  now: number,
  timeoutMs = 60_000,
): Promise<void> {
  const upload = events.reduce((sum, event) => sum + event.upload, 0);
  const download = events.reduce((sum, event) => sum + event.download, 0);
  const time_begin = new Date(begin).toISOString();
  const time_end = new Date(now).toISOString();
  for (const end = Date.now() + timeoutMs; Date.now() < end; await pause(STEP_MS)) {
    const query = { time_begin, time_end, limit: 1 };
    const { data } = await account.GET("/usage", { params: { query } });
    if (Number(data.upload) >= upload && Number(data.download) >= download) return;
  }
  throw new Error(`The demo's usage was not stored in ${timeoutMs / 1000} s.`);
}
