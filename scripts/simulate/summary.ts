import { serializeEvent } from "../../src/events/schemas";
import type { Ground } from "./ground";
import { DEFAULT_URL, type Options } from "./options";
import type { Look } from "./scenarios";
import type { Tally } from "./tally";

const MOST_COUNTRIES = 8;

/** What a run ends with: what was reported, how to see it, how to do it again. */
export function summary(
  options: Options,
  ground: Ground,
  tally: Tally,
  { seconds, stored, looks }: { seconds: number; stored: boolean | undefined; looks: Look[] },
): string {
  const { reported, accepted, rejected, byType, byKind, byCountry } = tally;
  const until = tally.until === undefined ? "nothing" : iso(tally.until);
  const perSecond = seconds > 0 ? Math.round(reported / seconds) : reported;
  const after = stored === false ? "   (not all of them are stored yet)" : "";
  const lines = [
    "",
    `Reported ${grouped(reported)} events in ${seconds.toFixed(1)} s (${grouped(perSecond)} a second), ${iso(options.start)} to ${until}`,
    "",
    `  accepted    ${grouped(accepted)}${after}`,
    `  rejected    ${grouped(reported - accepted)}`,
    ...[...rejected].map(([code, { count, first }]) => {
      return `    ${code}: ${grouped(count)}, first ${JSON.stringify(serializeEvent(first))}`;
    }),
    `  by type     ${listed(byType)}`,
    `  by device   ${listed(byKind)}`,
    `  by country  ${listed(byCountry, MOST_COUNTRIES)}`,
    `  usage       ${bytes(tally.upload)} up, ${bytes(tally.download)} down`,
    "",
    `  account     ${ground.accountId}`,
    `  key         ${ground.key}`,
    "",
    ...looks.flatMap(({ at, path }) => [
      `  # ${at}`,
      `  curl -sg -H 'Authorization: ${ground.key}' '${new URL(path, options.url).href}'`,
    ]),
    "",
    "The same again, byte for byte (each event still counts once):",
    `  npm run simulate -- ${again(options)} --account ${ground.accountId}`,
  ];
  return lines.join("\n");
}

/** Where they went, and the options that decide the events. */
function again({ url, sims, hours, scenario, seed, start }: Options): string {
  const where = url === DEFAULT_URL ? "" : `--url ${url} `;
  return `${where}--scenario ${scenario} --sims ${sims} --hours ${hours} --seed ${seed} --start ${iso(start)}`;
}

function listed(counts: Map<string, number>, most = counts.size): string {
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, most).map(([name, count]) => `${name} ${grouped(count)}`);
  const rest = sorted.slice(most).reduce((sum, [, count]) => sum + count, 0);
  return [...shown, ...(rest > 0 ? [`others ${grouped(rest)}`] : [])].join(", ") || "none";
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${(count / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}

export function iso(time: number): string {
  return new Date(time).toISOString();
}
