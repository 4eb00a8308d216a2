import type { FeedEvent } from "../client";
import { EVENT_TYPES } from "../client/constants";
import { printable } from "./output/printable";
import { bytesText } from "./output/units";

const TYPE_WIDTH = Math.max(...EVENT_TYPES.map((type) => type.length));

/** An event for people: when, what, of which SIM, and what it tells. */
export function feedLine(event: FeedEvent): string {
  const { type, data } = event;
  return printable(`${data.time}  ${type.padEnd(TYPE_WIDTH)}  ${data.sim_id}  ${toldBy(event)}`);
}

function toldBy({ type, data }: FeedEvent): string {
  const country = data.country_code ?? "?";
  switch (type) {
    case "usage":
      return `${country}, ${bytesText(Number(data.upload))} up, ${bytesText(Number(data.download))} down, ${data.operation}`;
    case "network-registration":
      return `${movedFrom(data.country_code_previous, country)}${country}${deviceOf(data.imei)}`;
    case "location":
      return `${country}${deviceOf(data.imei)}, at ${data.location.lat ?? "?"}, ${data.location.lng ?? "?"}`;
    default:
      return `${country}${deviceOf(data.imei)}`;
  }
}

function movedFrom(previous: string | null, country: string): string {
  return previous === null || previous === country ? "" : `${previous} -> `;
}

function deviceOf(imei: string | null): string {
  return imei === null ? "" : `, IMEI ${imei}`;
}
