import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../start/wrangler";
import { rendered } from "./markdown";
import { findPages, type Page } from "./pages";
import { proseHtml, referenceHtml } from "./template";

const SITE = join(ROOT, "scripts", "docs", "site");
/** This package holds the reference as one file that needs nothing else. */
const SCALAR = join(ROOT, "node_modules", "@scalar", "fastify-api-reference", "dist", "js");

/** Writes what is served as files: the API's document, `/docs` and all below it. */
export function writeSite(folder: string, openapi: string): void {
  const docs = join(folder, "docs");
  mkdirSync(docs, { recursive: true });
  cpSync(SITE, docs, { recursive: true });
  cpSync(join(SCALAR, "standalone.js"), join(docs, "scalar.js"));
  writeFileSync(join(folder, "openapi.json"), openapi);

  const pages = findPages();
  removeGone(docs, pages);
  writeFileSync(join(folder, "docs.html"), referenceHtml(pages));
  for (const page of pages)
    writeFileSync(join(docs, `${page.name}.html`), proseHtml(page, pages, rendered(page, pages)));
}

/** Pages of an earlier build. The others are written over, never taken away: a server may be reading them. */
function removeGone(docs: string, pages: readonly Page[]): void {
  const kept = pages.map(({ name }) => `${name}.html`);
  for (const name of readdirSync(docs))
    if (name.endsWith(".html") && !kept.includes(name)) rmSync(join(docs, name));
}
