import type { components } from "../../client";

/** The demo's SIMs and connectors, and what the core network reports of them. Made without chance: the same each time. */

type Connector = components["schemas"]["ConnectorInput"];

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
export const DEMO_DAYS = 30;
const COUNTRIES = ["dk", "de", "se", "gb"] as const;

export const DEMO_CONNECTORS = [
  { id: "demo-https", type: "https", options: { url: "https://ingest.example.com/telemetry" } },
  {
    id: "demo-tls",
    type: "tls",
    options: { host: "mqtt.example.com", port: 8883 },
    passthrough: [{ protocol: "udp", ip: "192.0.2.53", port: 53 }],
  },
] satisfies [Connector, Connector];

export interface DemoSim {
  id: string;
  alias: string;
  active: boolean;
  connector: string | null;
}

export const DEMO_SIMS: readonly DemoSim[] = Array.from({ length: 20 }, (_, index) => ({
  id: String(100_000_001 + index),
  alias: `tracker-${String(index + 1).padStart(2, "0")}`,
  active: index !== 19,
  connector: [DEMO_CONNECTORS[0].id, DEMO_CONNECTORS[1].id, null][index % 3] ?? null,
}));

export interface DemoUsage {
  type: "usage";
  time: string;
  bill_id: string;
  sim_id: string;
  country_code: string;
  operation: "start" | "finalize";
  upload: number;
  download: number;
}

/** One session a day of each SIM, over the 30 days before today (UTC) and as much of today as has passed. */
export function demoUsage(now: number): { events: DemoUsage[]; begin: number } {
  const today = Math.floor(now / DAY_MS);
  const begin = today - DEMO_DAYS;
  const events: DemoUsage[] = [];
  for (let day = begin; day <= today; day++)
    for (const [index, sim] of DEMO_SIMS.entries()) {
      const start = day * DAY_MS + ((index * 67 + day * 31) % 1380) * MINUTE_MS;
      const end = start + (15 + ((index * 7 + day) % 40)) * MINUTE_MS;
      const common = {
        type: "usage",
        bill_id: `${sim.id}-${day}`,
        sim_id: sim.id,
        country_code: COUNTRIES[(index + Math.floor(day / 7)) % COUNTRIES.length] ?? "dk",
      } as const;
      if (end >= now) continue;
      events.push({ ...common, time: iso(start), operation: "start", upload: 0, download: 0 });
      const upload = 20_000 + ((index * 7919 + day * 104_729) % 900_000);
      const download = 5_000 + ((index * 6101 + day * 15_485) % 300_000);
      events.push({ ...common, time: iso(end), operation: "finalize", upload, download });
    }
  return { events, begin: begin * DAY_MS };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
