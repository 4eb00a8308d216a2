import type { FeedEvent, Simplane } from "../client";
import type { Session } from "./session";

const POLL_MS = 1_000;

/** Which events of the feed are shown. */
export interface Wanted {
  since?: string | undefined;
  type?: FeedEvent["type"] | undefined;
  sim?: string | undefined;
}

/** An event, and what tells that Ctrl-C was pressed. */
export interface Told {
  event: FeedEvent;
  signal: AbortSignal;
}

/** The feed as it grows, from `since` or from now on, until Ctrl-C. Says `ready` when no event will be missed. */
export async function* followFeed(
  { api, notes, untilInterrupted }: Session,
  { since, type, sim }: Wanted,
  ready: string,
): AsyncGenerator<Told> {
  // A server that is not there, or a key that is none, is told at once; what fails later is waited for.
  const now = await nowAt(api());
  const signal = untilInterrupted();
  notes.line(ready);
  const feed = api({ patient: true }).follow({ since: since ?? now, pollMs: POLL_MS, signal });
  for await (const { events } of feed)
    for (const event of events) {
      // What is left of a page may take long to send on.
      if (signal.aborted) return;
      if ((!type || event.type === type) && (!sim || event.data.sim_id === sim))
        yield { event, signal };
    }
}

/** By the server's clock: by one of ours that is ahead, events would be missed. */
async function nowAt(client: Simplane): Promise<string> {
  const { response } = await client.GET("/");
  return new Date(response.headers.get("date") ?? Date.now()).toISOString();
}
