import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { posix } from "node:path";
import { expect, inject, it } from "vitest";
import { rendered } from "../../scripts/docs/markdown";
import { ERRORS } from "../../src/platform/errors";
import { request } from "./support/request";

/** Each page of /docs that is linked from another, by its path: its text. */
async function pagesFrom(start: string): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (pages.has(path)) continue;
    const page = await request("GET", path);
    expect(`${path} ${page.status}`).toBe(`${path} 200`);
    pages.set(path, page.text);
    const linked = linksIn(page.text).map((href) => href.split("#")[0] ?? "");
    waiting.push(...linked.filter((href) => href.startsWith("/docs")));
  }
  return pages;
}

function linksIn(html: string): string[] {
  return [...html.matchAll(/<(?:a|link|script)\b[^>]* (?:href|src)="([^"]*)"/g)].map(
    ([, href = ""]) => href,
  );
}

function anchorsIn(html: string): string[] {
  return [...html.matchAll(/ id="([^"]*)"/g)].map(([, id = ""]) => id);
}

it("has no link that leads nowhere", async () => {
  const pages = await pagesFrom("/docs");
  const broken: string[] = [];
  for (const [path, html] of pages)
    for (const href of linksIn(html)) {
      const { pathname, hash, origin } = new URL(href, new URL(path, inject("server").url));
      if (origin !== inject("server").url || pathname === "/openapi.json") continue;
      const target = pages.get(pathname);
      if (target === undefined || (hash && !anchorsIn(target).includes(hash.slice(1))))
        broken.push(`${path}: ${href}`);
    }
  expect(broken).toEqual([]);
  expect([...pages.keys()]).toContain("/docs/errors");
});

it("has no link in its Markdown that leads nowhere on a forge", async () => {
  const inDocs = (await readdir("docs", { recursive: true })).map((name) => `docs/${name}`);
  const files = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...inDocs.filter((name) => name.endsWith(".md")),
  ];
  const markdowns = await Promise.all(
    files.map(async (file) => [file, await readFile(file, "utf8")] as const),
  );
  const anchors = new Map(
    markdowns.map(([file, markdown]) => {
      const page = { name: "", file, title: "", guide: false, markdown };
      return [file, anchorsIn(rendered(page, []))];
    }),
  );
  const broken = markdowns.flatMap(([file, markdown]) => {
    const links = [...markdown.matchAll(/\]\((?!https?:|\/)([^)\s#]*)#?([^)\s]*)\)/g)];
    return links.flatMap(([, path = "", anchor = ""]) => {
      const target = path ? posix.join(posix.dirname(file), path) : file;
      const there = existsSync(target) && (!anchor || anchors.get(target)?.includes(anchor));
      return there ? [] : [`${file}: ${path}#${anchor}`];
    });
  });
  expect(broken).toEqual([]);
});

it("says that there is no such page", async () => {
  const { status, text } = await request("GET", "/docs/nothing");
  expect({ status, text }).toEqual({ status: 404, text: expect.stringContaining("no such page") });
});

it("tells the sentence of each error code at an anchor of its name", async () => {
  const { text } = await request("GET", "/docs/errors");
  const rows = [...text.matchAll(/<tr id="([a-z0-9_]+)">.*?<td>(\d+)<\/td><td>(.*?)<\/td><\/tr>/g)];
  const told = rows.map(([, code, status, sentence = ""]) => [
    code,
    [Number(status), sentence.replaceAll("&lt;", "<").replaceAll("&quot;", '"')],
  ]);
  expect(Object.fromEntries(told)).toEqual(ERRORS);
});

it("lets its pages load from this server only, and be framed by none", async () => {
  const policies = await Promise.all(
    ["/docs", "/docs/errors", "/docs/scalar.js"].map(async (path) => {
      const { headers } = await request("GET", path);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      return String(headers["content-security-policy"]);
    }),
  );
  for (const policy of policies) {
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    // Safari would ask localhost by https, too, and show nothing.
    expect(policy).not.toContain("upgrade-insecure-requests");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
  }
});
