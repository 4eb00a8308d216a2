import { setTimeout as sleep } from "node:timers/promises";
import type { Simplane } from "../../client";
import { openEndpoint } from "./endpoint";
import { feedOf, makeWebhook, replay } from "./outage-calls";
import type { Look } from "./scenarios";

/** What is to be said of it, where to look, and whether it went well. */
export interface Seen {
  lines: string[];
  looks: Look[];
  well: boolean;
}

/** What goes on beside the reports of a run. */
export interface Beside {
  /** Told how far the fleet's time is, 0 to 1. */
  passed(done: number): void;
  /** After the last report. */
  finish(accepted: number | undefined): Promise<Seen>;
  /** Takes away what was for the time of the run; the server may be gone. */
  end(reachable: boolean): Promise<void>;
}

const DOWN_FROM = 0.35;
const DOWN_UNTIL = 0.65;
/** Longer than the wait before the first retry (5 s): what is tried in between has to wait for the second (5 min). */
const LEAST_DOWN_MS = 8_000;
const FIRST_RETRY_MS = 10_000;
const STEP_MS = 500;
/** A replay goes by when events were stored: what was on its way when the endpoint went down was stored before. */
const ON_THEIR_WAY_MS = 10_000;

/** A webhook on this machine whose endpoint is down from a third of the time to two thirds, and what becomes of its events. */
export async function outage(
  account: Simplane,
  { say, signal, patienceMs = 120_000 }: Context,
): Promise<Beside> {
  const endpoint = await openEndpoint();
  const since = nowIso();
  const webhook = await makeWebhook(account, endpoint.url).catch((error: unknown) => {
    endpoint.close();
    throw error;
  });
  endpoint.trust(webhook.secret);
  let down: { since: string; storedSince: string; from: number; until?: string } | undefined;
  let before = 0;
  const log = `/webhooks/${webhook.id}/deliveries`;

  function goDown(): void {
    const storedSince = new Date(Date.now() - ON_THEIR_WAY_MS).toISOString();
    down = { since: nowIso(), storedSince, from: performance.now() };
    before = endpoint.taken.size;
    endpoint.setDown(true);
    say(`${down.since}  the endpoint is down: it answers 503`);
  }

  /** An outage that nobody noticed would show nothing. */
  function mayComeBack(): boolean {
    if (!down || down.until !== undefined) return false;
    return endpoint.refused > 0 && performance.now() - down.from >= LEAST_DOWN_MS;
  }

  function comeBack(): void {
    if (!down) return;
    down.until = nowIso();
    endpoint.setDown(false);
    say(`${down.until}  the endpoint is back; it refused ${endpoint.refused} POSTs`);
  }

  async function until(holds: () => boolean, ms = patienceMs): Promise<boolean> {
    const end = performance.now() + ms;
    while (!holds() && performance.now() < end && !signal.aborted)
      await sleep(STEP_MS, undefined, { signal }).catch(() => undefined);
    return holds();
  }

  return {
    passed(done) {
      if (!down && done >= DOWN_FROM) goDown();
      if (done >= DOWN_UNTIL && mayComeBack()) comeBack();
    },
    async finish(accepted) {
      if (!down) goDown();
      if (down?.until === undefined) {
        await until(mayComeBack);
        comeBack();
      }
      const feed = await feedOf(account, since);
      const missing = () => feed.filter((id) => !endpoint.taken.has(id)).length;
      const atReturn = missing();
      say(`${nowIso()}  ${atReturn} events are missing; retries bring what was refused last`);
      await until(() => missing() === 0, FIRST_RETRY_MS);
      const left = missing();
      const replayed =
        left > 0
          ? await replay(account, webhook.id, {
              since: down?.storedSince ?? since,
              until: down?.until,
            })
          : 0;
      say(`${nowIso()}  ${left} events are missing; a replay sends ${replayed ?? "nothing"}`);
      if (replayed !== undefined) await until(() => missing() === 0);
      const lost = accepted === undefined ? 0 : accepted - feed.length;
      const byFeed = missing();
      return {
        well: lost === 0 && endpoint.forged === 0 && (byFeed === 0 || replayed === undefined),
        lines: [
          "",
          "The outage:",
          `  in the feed: ${feed.length} events; lost: ${lost}`,
          `  taken before the outage: ${before}; POSTs refused during it: ${endpoint.refused}`,
          `  missing when all was reported: ${atReturn}; after the first retries: ${left}`,
          `  sent by a replay of the outage: ${replayed ?? "none, it is too large for one call"}`,
          `  taken in all: ${endpoint.taken.size}, once each, and ${endpoint.again} of them again; only in the feed: ${byFeed}`,
          `  signatures that were wrong: ${endpoint.forged}`,
        ],
        looks: [
          {
            at: "the tries that failed",
            path: `${log}?status=retrying&limit=3&until=${down?.until}`,
          },
          { at: "what was taken last", path: `${log}?status=accepted&limit=3` },
        ],
      };
    },
    async end(reachable) {
      // Nobody is here any more to take what comes.
      if (reachable)
        await account.PATCH("/webhooks/{id}", {
          params: { path: { id: webhook.id } },
          body: { active: false },
        });
      endpoint.close();
    },
  };
}

function nowIso(): string {
  return new Date().toISOString();
}

interface Context {
  say: (line: string) => void;
  signal: AbortSignal;
  patienceMs?: number;
}
