import { DEMO_DAYS, DEMO_SIMS } from "./demo-fleet";

const DAY_MS = 86_400_000;
const DEFAULT = "http://localhost:8787";

/** What a start ends with: where it is, the keys, and calls to paste. */
export function welcome(url: string, demoKey: string | undefined, operatorKey: string): string {
  const since = new Date(Date.now() - DEMO_DAYS * DAY_MS).toISOString().slice(0, 10);
  const sim = DEMO_SIMS[0]?.id;
  const calls = [
    ...(demoKey === undefined
      ? []
      : [
          curl(demoKey, `${url}/sim?id=${sim}`),
          curl(demoKey, `${url}/sims?limit=2&sort=-usage`),
          curl(demoKey, `${url}/usage?sim_id=${sim}&time_begin=${since}T00:00:00Z&limit=2`),
          `SIMPLANE_URL=${quote(url)} SIMPLANE_KEY=${quote(demoKey)} npx simplane usage`,
        ]),
    curl(operatorKey, `${url}/operator/accounts`),
  ];
  return `
Ready on ${url}
Documentation, to read and to try: ${url}/docs
A fleet that lives: npm run simulate${url === DEFAULT ? "" : ` -- --url ${url}`}    Your own webhook receiver: npm run receiver${url === DEFAULT ? "" : ` -- --server ${url}`}

  demo account's key  ${demoKey ?? "(none: this database was not seeded here)"}
  operator's key      ${operatorKey}

${calls.map((call) => `  ${call}`).join("\n")}
`;
}

function curl(key: string, url: string): string {
  return `curl -s -H ${quote(`Authorization: ${key}`)} ${quote(url)}`;
}

/** As one word of a shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
