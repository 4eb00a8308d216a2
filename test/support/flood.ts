import { env } from "cloudflare:workers";
import { usageOf } from "./events";
import { givenAccount } from "./given-account";
import { givenReceivers, type Pipeline, type Received } from "./pipeline";

export const hostOf = ({ url }: { url: string }) => new URL(url).hostname;
export const refuse = () => new Response(null, { status: 500 });

/** Endpoints by host: those named fail, the rest accept. */
export function givenEndpoints(
  failing: Record<string, (request: Request) => Response | Promise<Response>>,
) {
  return givenReceivers(
    (request) => failing[hostOf(request)]?.(request) ?? new Response(null, { status: 204 }),
  );
}

export async function givenFlood(
  pipeline: Pipeline,
  hosts: string[],
  count: number,
  settings: object = {},
) {
  const acme = await givenAccount();
  const webhooks = [];
  for (const host of hosts)
    webhooks.push(await acme.givenWebhook({ url: `https://${host}/`, ...settings }));
  const sim = await acme.givenSim();
  await pipeline.report(...Array.from({ length: count }, () => usageOf(sim)));
  await pipeline.storeAll();
  return { acme, sim, webhooks };
}

export async function laneOf(id: string) {
  return env.DB.prepare("SELECT lane FROM webhooks WHERE id = ?").bind(id).first("lane");
}

export function idsOf(received: readonly Received[]): Set<string | null> {
  return new Set(received.map(({ headers }) => headers.get("webhook-id")));
}

export function isDeliveries(message: unknown): message is { events: unknown[] } {
  return typeof message === "object" && message !== null && "events" in message;
}

export function eventsIn(messages: readonly unknown[]): number {
  return messages.flatMap((message) =>
    typeof message === "object" && message && "events" in message ? message.events : [],
  ).length;
}
