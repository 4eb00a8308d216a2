import { build } from "esbuild";
import { Miniflare, type WorkerOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions as readWranglerToml } from "wrangler";

export const OPERATOR_KEY = "the operator's key in benchmarks";
const ENCRYPTION_KEY = Buffer.alloc(32, 1).toString("base64");

/** Origins of our Worker and of the bare one, both in one workerd. */
export interface Runtime {
  miniflare: Miniflare;
  ours: URL;
  bare: URL;
}

/** Starts both Workers, each on a socket of workerd that leads to it and to nothing else. */
export async function startRuntime(): Promise<Runtime> {
  const { workerOptions } = readWranglerToml("wrangler.toml");
  const { compatibilityDate, compatibilityFlags, bindings } = workerOptions;
  const shared = { compatibilityFlags, unsafeDirectSockets: [{ host: "127.0.0.1" }] };
  const ours: WorkerOptions = {
    ...workerOptions,
    ...shared,
    ...(await bundle("src/index.ts")),
    name: "ours",
    bindings: { ...bindings, OPERATOR_KEY, ENCRYPTION_KEY },
  };
  const bare: WorkerOptions = {
    ...shared,
    ...(compatibilityDate !== undefined && { compatibilityDate }),
    ...(await bundle("bench/bare-worker.ts")),
    name: "bare",
    d1Databases: { DB: "bare" },
  };
  const miniflare = new Miniflare({ host: "127.0.0.1", cf: false, workers: [ours, bare] });
  await miniflare.ready;
  return {
    miniflare,
    ours: await miniflare.unsafeGetDirectURL("ours"),
    bare: await miniflare.unsafeGetDirectURL("bare"),
  };
}

/** One ES module, built as wrangler builds it. */
async function bundle(entry: string) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    keepNames: true,
    external: ["cloudflare:*"],
  });
  const contents = outputFiles.map(({ text }) => text).join("");
  return { modules: [{ type: "ESModule" as const, path: "worker.mjs", contents }] };
}
