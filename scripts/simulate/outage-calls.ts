import * as z from "zod";
import { ApiFailure } from "../start/api";
import type { Call } from "./client";
import { InTheWay } from "./ground";

const Made = z.object({ id: z.string(), secret: z.string() });
const Replayed = z.object({ events: z.int() });
const Feed = z.object({
  events: z.array(z.object({ id: z.string() })),
  pagination: z.object({ has_more: z.boolean(), next_page: z.string().default("") }),
});

export async function makeWebhook(account: Call, url: string) {
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
export async function replay(
  account: Call,
  id: string,
  period: { since: string; until: string | undefined },
): Promise<number | undefined> {
  try {
    return (await account("POST", `/webhooks/${id}/replay`, Replayed, period)).events;
  } catch (error) {
    if (error instanceof ApiFailure && error.body === '{"error":"replay_too_large"}')
      return undefined;
    throw error;
  }
}

export async function feedOf(account: Call, since: string): Promise<string[]> {
  const ids: string[] = [];
  let where = `since=${since}`;
  for (;;) {
    const { events, pagination } = await account("GET", `/events?${where}`, Feed);
    for (const { id } of events) ids.push(id);
    if (!pagination.has_more) return ids;
    where = `after=${encodeURIComponent(pagination.next_page)}`;
  }
}
