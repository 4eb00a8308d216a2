import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "../start/wrangler";

export const NOTICES_FILE = join(ROOT, "THIRD_PARTY_NOTICES");

/** What is shipped: the command line and the Worker, whose bundles hold packages of others, and the reference's script. */
const SHIPPED = [
  { entry: join("cli", "main.ts"), platform: "node" },
  { entry: join("src", "index.ts"), platform: "neutral" },
] as const;
const COPIED = ["@scalar/fastify-api-reference"];

/** A package of this licence that has no text of its own needs this one. */
const APACHE = join(ROOT, "node_modules", "typescript", "LICENSE");

const HEAD = `Simplane is MIT licensed (LICENSE). The command line, the Worker and the pages of /docs hold parts of these packages.
Made by \`npm run generate\`.
`;

/** The licence of every package that is part of what is shipped. Throws for one that has none. */
export async function noticesPage(): Promise<string> {
  const inputs = (await Promise.all(SHIPPED.map(inputsOf))).flat();
  const folders = inputs.flatMap(
    (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  const packages = new Set([...folders, ...COPIED.map((name) => `node_modules/${name}`)]);
  const notices = new Map([...packages].map(noticeOf));
  return [
    HEAD,
    ...[...notices].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text),
  ].join(`\n${"-".repeat(80)}\n\n`);
}

async function inputsOf({ entry, platform }: (typeof SHIPPED)[number]): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform,
    mainFields: ["module", "main"],
    conditions: platform === "node" ? [] : ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
  });
  // What the bundle holds, not what was looked at for it.
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [file] : [],
  );
}

function noticeOf(folder: string): [name: string, text: string] {
  const {
    name,
    version,
    license,
    homepage = "",
  }: Manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
  const files = readdirSync(join(ROOT, folder)).filter((file) =>
    /^(licen[cs]e|notice|copying)\b/i.test(file),
  );
  const texts = files.map((file) => readFileSync(join(ROOT, folder, file), "utf8").trim());
  // Says MIT and its author, who is Hono's, in its README; the licence's text is in Hono's package alone.
  if (texts.length === 0 && name === "@hono/zod-validator")
    texts.push(readFileSync(join(ROOT, "node_modules/hono/LICENSE"), "utf8").trim());
  if (texts.length === 0 && license === "Apache-2.0") texts.push(apache());
  if (texts.length === 0) throw new Error(`${name} has no licence text`);
  return [name, `${name} ${version} (${license})\n${homepage}\n\n${texts.join("\n\n")}\n`];
}

interface Manifest {
  name: string;
  version: string;
  license: string;
  homepage?: string;
}

function apache(): string {
  const file = [APACHE, `${APACHE}.txt`].find((one) => existsSync(one));
  if (file === undefined) throw new Error("there is no text of the Apache License");
  return readFileSync(file, "utf8").trim();
}
