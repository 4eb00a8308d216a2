import { build } from "esbuild";
import {
  convertV4MiniflareOptions,
  type KnownKeys,
  Miniflare,
  type V4WorkerOptions,
  type V4WorkerOptionsShape,
} from "miniflare";
import {
  unstable_getMiniflareWorkerOptions as readWranglerToml,
  unstable_readConfig as readConfig,
} from "wrangler";

export const OPERATOR_KEY = "the operator's key in benchmarks";
const OWN = {
  OPERATOR_KEY,
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString("base64"),
  SIM_REGISTRATION: "open",
};

/** Workers in one workerd, each on a socket that leads to it and to nothing else. */
export interface Runtime {
  miniflare: Miniflare;
  /** A Worker's origin. */
  originOf: (name: string) => Promise<URL>;
}

/** The options of wrangler.toml. A cast, since wrangler's type applies `Omit` to a type with an index signature, which loses every key. */
function configured() {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return readWranglerToml("wrangler.toml").workerOptions as KnownKeys<V4WorkerOptionsShape>;
}

/** Ours, with all that wrangler.toml gives it; another `entry` may stand around it. */
export async function ourWorker(name: string, entry = "src/index.ts"): Promise<V4WorkerOptions> {
  // Without the static files: in the local runtime each call would pass through a Worker of theirs.
  const { assets: _, ...workerOptions } = configured();
  // Calls are made as fast as they go, all with one key.
  const bindings = {
    ...workerOptions.bindings,
    ...OWN,
    RATE_LIMIT_PER_MINUTE: "9999999",
  };
  const { keep_names: keepNames } = readConfig({ config: "wrangler.toml" });
  return { ...workerOptions, ...(await bundle(entry, { keepNames })), name, bindings };
}

/** Another Worker on the runtime and with the variables of wrangler.toml, built as wrangler does unasked, and with a D1 of its own as `DB`. */
export async function benchWorker(name: string, entry: string): Promise<V4WorkerOptions> {
  const { compatibilityDate, compatibilityFlags, bindings } = configured();
  return {
    ...(compatibilityDate !== undefined && { compatibilityDate }),
    ...(compatibilityFlags !== undefined && { compatibilityFlags }),
    ...(await bundle(entry)),
    name,
    bindings: { ...bindings, ...OWN, ALLOW_INSECURE_WEBHOOKS: "true" },
    d1Databases: { DB: name },
  };
}

export async function startRuntime(
  given: V4WorkerOptions[],
  shared: { inspectorPort?: number } = {},
): Promise<Runtime> {
  const workers = given.map((worker) => {
    return { ...worker, unsafeDirectSockets: [{ host: "127.0.0.1" }] };
  });
  // wrangler reads wrangler.toml into the options of Miniflare 4; Miniflare 5 takes them through its converter.
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      cf: false,
      // A Worker's log is a part of its work, and is not for this table's readers.
      handleStructuredLogs({ level, message }) {
        if (level === "error") console.error(message);
      },
      ...shared,
      workers,
    }),
  );
  await miniflare.ready;
  return { miniflare, originOf: (name) => miniflare.unsafeGetDirectURL(name) };
}

/** One ES module, built as wrangler builds it. */
async function bundle(
  entry: string,
  { keepNames = true }: { keepNames?: boolean | undefined } = {},
) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    keepNames,
    external: ["cloudflare:*"],
  });
  const contents = outputFiles.map(({ text }) => text).join("");
  return { modules: [{ type: "ESModule" as const, path: "worker.mjs", contents }] };
}
