import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../start/wrangler";
import { NOTICES_FILE } from "./notices";
import { rendered } from "./markdown";
import { findPages } from "./pages";
import { missingHtml, proseHtml, referenceHtml } from "./template";

const SITE = join(ROOT, "scripts", "docs", "site");
/** This package holds the reference as one file that needs nothing else. */
const SCALAR = join(
  ROOT,
  "node_modules",
  "@scalar",
  "fastify-api-reference",
  "dist",
  "js",
  "standalone.js",
);

/** Writes what is served as files: the API's document, `/docs` and all below it. */
export function writeSite(folder: string, openapi: string): void {
  const docs = join(folder, "docs");
  mkdirSync(docs, { recursive: true });
  for (const name of readdirSync(SITE)) write(join(docs, name), readFileSync(join(SITE, name)));
  write(join(docs, "scalar.js"), readFileSync(SCALAR));
  write(join(docs, "third-party-notices.txt"), readFileSync(NOTICES_FILE));
  write(join(folder, "openapi.json"), Buffer.from(openapi));

  const pages = findPages();
  const files = new Map(
    pages.map((page) => [page.name, proseHtml(page, pages, rendered(page, pages))]),
  );
  files.set("404", missingHtml(pages));
  removeGone(docs, files);
  write(join(folder, "docs.html"), Buffer.from(referenceHtml(pages)));
  for (const [name, html] of files) write(join(docs, `${name}.html`), Buffer.from(html));
}

/** Leaves a file that is right already alone: a server that watches the folder would begin anew. */
function write(file: string, content: Buffer): void {
  if (existsSync(file) && readFileSync(file).equals(content)) return;
  writeFileSync(file, content);
}

/** Pages of an earlier build. */
function removeGone(docs: string, kept: ReadonlyMap<string, string>): void {
  for (const file of readdirSync(docs))
    if (file.endsWith(".html") && !kept.has(basename(file, ".html"))) rmSync(join(docs, file));
}
