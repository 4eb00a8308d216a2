import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as z from "zod";
import { runWrangler } from "../scripts/start/wrangler";
import { median } from "./alternate";
import type { Row } from "./table";

const MOST_GZIPPED_KB = 250;
const STARTS = 9;

const Profile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: z.object({ functionName: z.string() }) })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** What the Worker that `npm run deploy` would send weighs, and the CPU time that an isolate needs before its first request. */
export async function startUp(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "simplane-start-up-"));
  try {
    await wrangler("deploy", "--dry-run", "--outdir", folder);
    const [bundle = ""] = (await readdir(folder)).filter((name) => name.endsWith(".js"));
    const gzipped = gzipSync(await readFile(join(folder, bundle))).length / 1000;

    const starts: number[] = [];
    const outfile = join(folder, "start.cpuprofile");
    for (let start = 0; start < STARTS; start += 1) {
      await wrangler("check", "startup", "--outfile", outfile);
      starts.push(busyMs(Profile.parse(JSON.parse(await readFile(outfile, "utf8")))));
    }
    return [
      {
        name: "the Worker, gzipped",
        measured: `${gzipped.toFixed(0)} KB`,
        limit: `at most ${MOST_GZIPPED_KB} KB`,
        pass: gzipped <= MOST_GZIPPED_KB,
      },
      {
        name: "CPU time of its start-up, this machine",
        measured: `${median(starts).toFixed(0)} ms (${Math.min(...starts).toFixed(0)} to ${Math.max(...starts).toFixed(0)} in ${STARTS} starts)`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function wrangler(...args: string[]): Promise<void> {
  const run = runWrangler(args);
  if ((await run.ended) !== 0) throw new Error(`wrangler ${args[0]}: ${run.output()}`);
}

/** Milliseconds in which the profiled isolate did something; a profile's times are microseconds. */
function busyMs({ nodes, samples, timeDeltas }: z.output<typeof Profile>): number {
  const idle = nodes.filter(({ callFrame }) => callFrame.functionName === "(idle)");
  const idleIds = new Set(idle.map(({ id }) => id));
  const busy = timeDeltas.filter((_, n) => !idleIds.has(samples[n] ?? 0));
  return busy.reduce((sum, delta) => sum + delta, 0) / 1000;
}
