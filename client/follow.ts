import type { Page, Row } from "./calls";
import { wait } from "./wait";

export type FeedEvent = Row<Page<"/events">>;

export interface Follow {
  /** The `cursor` that was remembered. */
  after?: string | undefined;
  /** Without one: what was stored from this time on; all that is kept unless given. */
  since?: string | undefined;
  /** Milliseconds between two looks at a feed that holds no more. */
  pollMs?: number;
  /** Ends it. */
  signal?: AbortSignal;
}

/** What came, and the cursor behind it: remember it when the events are dealt with. */
export interface Followed {
  events: FeedEvent[];
  cursor: string;
}

type ReadFeed = (init: {
  params: { query: { after?: string; since?: string } };
  signal?: AbortSignal;
}) => Promise<{ data: Page<"/events"> }>;

const POLL_MS = 2_000;

/** The feed as it grows, until the signal ends it. */
export async function* follow(
  read: ReadFeed,
  { after, since, pollMs = POLL_MS, signal }: Follow = {},
): AsyncGenerator<Followed, void, undefined> {
  let query = after !== undefined ? { after } : since !== undefined ? { since } : {};
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { data } = await read({ params: { query }, ...(signal && { signal }) });
      const { events, pagination } = data;
      query = { after: pagination.next_page };
      if (events.length > 0) yield { events, cursor: pagination.next_page };
      if (!pagination.has_more) await wait(pollMs, signal);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
