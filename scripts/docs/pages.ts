import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../start/wrangler";

/** A page of `/docs/`, made from a Markdown file of the repository. */
export interface Page {
  /** Its path below `/docs/`. */
  name: string;
  /** The file, from the root of the repository. */
  file: string;
  title: string;
  guide: boolean;
  markdown: string;
}

/** The guides, in the order in which one needs them. */
const GUIDES = [
  "docs/guides/start.md",
  "docs/guides/authenticate.md",
  "docs/guides/receive.md",
  "docs/guides/catch-up.md",
  "docs/guides/errors.md",
  "docs/guides/promises.md",
  "docs/guides/deploy.md",
  "docs/operations.md",
];

/** For those who work on Simplane, not for those who use it. */
const INTERNAL = ["docs/decisions.md"];

/** The guides, then every other page of docs/. */
export function findPages(): Page[] {
  const others = readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
    .filter((file) => !GUIDES.includes(file) && !INTERNAL.includes(file));
  return [...GUIDES.filter((file) => existsSync(join(ROOT, file))), ...others].map(pageOf);
}

function pageOf(file: string): Page {
  const markdown = readFileSync(join(ROOT, file), "utf8");
  const title = /^# (.+)$/m.exec(markdown)?.[1];
  if (!title) throw new Error(`${file} has no title`);
  return { name: basename(file, ".md"), file, title, guide: GUIDES.includes(file), markdown };
}
