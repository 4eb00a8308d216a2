import { type Simplane, SimplaneError } from "../../client";
import { InTheWay } from "./ground";

export async function makeWebhook(account: Simplane, url: string) {
  const body = { url, retry: "standard", label: "simulated outage" } as const;
  try {
    return (await account.POST("/webhooks", { body })).data;
  } catch (error) {
    if (!(error instanceof SimplaneError && error.code === "url_invalid")) throw error;
    throw new InTheWay(
      "The server takes no webhook on this machine: this scenario needs one that runs here, with ALLOW_INSECURE_WEBHOOKS=true, as npm start's does.",
    );
  }
}

/** The number of events that are sent again; undefined: too many for one call. */
export async function replay(
  account: Simplane,
  id: string,
  { since, until }: { since: string; until: string | undefined },
): Promise<number | undefined> {
  try {
    const init = {
      params: { path: { id } },
      body: { since, ...(until !== undefined && { until }) },
    };
    return (await account.POST("/webhooks/{id}/replay", init)).data.events;
  } catch (error) {
    if (error instanceof SimplaneError && error.code === "replay_too_large") return undefined;
    throw error;
  }
}

export async function feedOf(account: Simplane, since: string): Promise<string[]> {
  const ids: string[] = [];
  const init = { params: { query: { since } } };
  for await (const { id } of account.iterate("/events", init)) ids.push(id);
  return ids;
}
