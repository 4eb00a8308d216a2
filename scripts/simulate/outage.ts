import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { ApiFailure } from "../start/api";
import type { Call } from "./client";
import { openEndpoint } from "./endpoint";
import { InTheWay } from "./ground";

/** What goes on beside the reports of a run. */
export interface Beside {
  /** Told how far the fleet's time is, 0 to 1. */
  passed(done: number): void;
  /** After the last report: what is to be said of it, and whether it went well. */
  finish(): Promise<{ lines: string[]; well: boolean }>;
  end(): void;
}

const Made = z.object({ id: z.string(), secret: z.string() });
const Replayed = z.object({ events: z.int() });
const Feed = z.object({
  events: z.array(z.object({ id: z.string() })),
  pagination: z.object({ has_more: z.boolean(), next_page: z.string() }),
});

const DOWN_FROM = 0.35;
const DOWN_UNTIL = 0.65;
const STEP_MS = 500;

/** A webhook on this machine whose endpoint is down from a third of the time to two thirds, and what becomes of its events. */
export async function outage(
  account: Call,
  { say, signal, patienceMs = 180_000 }: Context,
): Promise<Beside> {
  const endpoint = await openEndpoint();
  const since = new Date().toISOString();
  const webhook = await makeWebhook(account, endpoint.url).catch((error: unknown) => {
    endpoint.close();
    throw error;
  });
  endpoint.trust(webhook.secret);
  const state = { wentDown: "", tookBefore: 0, up: true };

  function goDown(): void {
    Object.assign(state, { wentDown: new Date().toISOString(), up: false });
    state.tookBefore = endpoint.taken.size;
    endpoint.setDown(true);
    say(`${state.wentDown}  the endpoint is down: it answers 503`);
  }

  function comeBack(): void {
    state.up = true;
    endpoint.setDown(false);
    say(`${new Date().toISOString()}  the endpoint is back; it refused ${endpoint.refused} POSTs`);
  }

  async function until(holds: () => boolean): Promise<boolean> {
    const end = Date.now() + patienceMs;
    while (!holds() && Date.now() < end && !signal.aborted)
      await sleep(STEP_MS, undefined, { signal }).catch(() => undefined);
    return holds();
  }

  return {
    passed(done) {
      if (state.wentDown === "" && done >= DOWN_FROM) goDown();
      // An outage that nobody noticed would show nothing.
      if (!state.up && done >= DOWN_UNTIL && endpoint.refused > 0) comeBack();
    },
    async finish() {
      await until(() => endpoint.refused > 0);
      if (!state.up) comeBack();
      const feed = await feedOf(account, since);
      const missing = () => feed.filter((id) => !endpoint.taken.has(id)).length;
      const missed = missing();
      const replayed = await replay(account, webhook.id, state.wentDown || since);
      const all = await until(() => missing() === 0);
      // Nobody is here any more to take what comes.
      await account("PATCH", `/webhooks/${webhook.id}`, z.unknown(), { active: false });
      return { well: all && endpoint.forged === 0, lines: told({ feed, missed, replayed }) };
    },
    end: () => endpoint.close(),
  };

  function told(seen: { feed: string[]; missed: number; replayed: number | undefined }): string[] {
    const { feed, missed, replayed } = seen;
    const left = feed.filter((id) => !endpoint.taken.has(id)).length;
    return [
      `the feed has ${feed.length} events of this run`,
      `taken before the outage: ${state.tookBefore}; POSTs refused during it: ${endpoint.refused}`,
      `still missing when it was back: ${missed}`,
      replayed === undefined
        ? "a replay of the outage is too large for one call: the rest is in the feed"
        : `replayed: ${replayed}; of those and of retries it had ${endpoint.again} already`,
      `taken in all: ${endpoint.taken.size}, each once; lost: ${left}; wrong signatures: ${endpoint.forged}`,
      `each try:  GET /webhooks/${webhook.id}/deliveries?status=retrying`,
    ];
  }
}

interface Context {
  say: (line: string) => void;
  signal: AbortSignal;
  patienceMs?: number;
}

async function makeWebhook(account: Call, url: string) {
  const wanted = { url, retry: "standard", label: "simulated outage" };
  try {
    return await account("POST", "/webhooks", Made, wanted);
  } catch (error) {
    if (!(error instanceof ApiFailure && error.body === '{"error":"url_invalid"}')) throw error;
    throw new InTheWay(
      "The server takes no webhook on this machine: this scenario needs one that runs here, with ALLOW_INSECURE_WEBHOOKS=true, as npm start's does.",
    );
  }
}

/** The number of events that are sent again; undefined: too many for one call. */
async function replay(account: Call, id: string, since: string): Promise<number | undefined> {
  try {
    return (await account("POST", `/webhooks/${id}/replay`, Replayed, { since })).events;
  } catch (error) {
    if (error instanceof ApiFailure && error.body === '{"error":"replay_too_large"}')
      return undefined;
    throw error;
  }
}

async function feedOf(account: Call, since: string): Promise<string[]> {
  const ids: string[] = [];
  let where = `since=${since}`;
  for (;;) {
    const { events, pagination } = await account("GET", `/events?${where}`, Feed);
    for (const { id } of events) ids.push(id);
    if (!pagination.has_more) return ids;
    where = `after=${encodeURIComponent(pagination.next_page)}`;
  }
}
