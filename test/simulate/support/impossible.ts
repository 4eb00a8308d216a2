import type { Event } from "../../../src/events/schemas";

/** What no device could have done, of one SIM's events; none: it may all have happened. */
export function impossible(events: readonly Event[]): string[] {
  const found: string[] = [];
  const doubt = (holds: boolean, what: string, event: Event) => {
    if (!holds) found.push(`${what}: ${JSON.stringify(event)}`);
  };
  let last = -Infinity;
  let country: string | null | undefined;
  let session: string | undefined;
  let imei: string | null = null;
  const bills = new Set<string>();
  for (const event of events) {
    doubt(event.time > last, "time does not go forward", event);
    last = event.time;
    if (event.type === "network-validation") {
      doubt(session === undefined, "it changes its network within a session", event);
      ({ imei } = event);
      continue;
    }
    if (event.type === "network-registration") {
      doubt(event.imei === imei, "another device registers than was authenticated", event);
      if (event.reason === undefined) country = event.country_code;
      continue;
    }
    doubt(country !== undefined, "it is not registered", event);
    doubt(event.country_code === country, "it is not registered in this country", event);
    if (event.type === "network-deregistration") {
      doubt(session === undefined, "it leaves within a session", event);
      country = undefined;
    }
    if (event.type !== "usage") continue;
    if (event.operation === "start") {
      doubt(session === undefined, "it has a session already", event);
      doubt(!bills.has(event.bill_id), "the bill was there before", event);
      bills.add(event.bill_id);
      session = event.session_id;
    }
    doubt(event.session_id === session, "it is another session's", event);
    if (event.operation === "finalize") session = undefined;
  }
  return found;
}
