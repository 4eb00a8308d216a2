import { ERRORS } from "../../src/platform/errors";
import { escapeHtml } from "./html";
import type { Page } from "./pages";

/** The interactive reference, below the links to all else. */
export function referenceHtml(pages: readonly Page[]): string {
  const body = `${bar(pages)}
<main><noscript><p>The reference needs JavaScript. The <a href="/docs/api">API in prose</a>,
the <a href="/docs/errors">error codes</a> and <a href="/openapi.json">/openapi.json</a> do not.</p></noscript>
<div id="reference"></div></main>
<script src="/docs/reference.js" data-errors="${Object.keys(ERRORS).join(" ")}"></script>
<script src="/docs/scalar.js"></script>
<script src="/docs/start-reference.js"></script>`;
  return html("Reference", "reference", body);
}

/** A page of prose, beside the links to all others. */
export function proseHtml(page: Page, pages: readonly Page[], content: string): string {
  const list = (guide: boolean) =>
    links(
      pages.filter((other) => other.guide === guide),
      page,
    );
  const body = `${bar(pages, page)}
<div class="columns">
<nav class="side" aria-label="Pages"><b>Guides</b>${list(true)}<b>In full</b>${list(false)}</nav>
<main>${content}</main>
</div>`;
  return html(page.title, "prose", body);
}

/** What stands in place of a page that there is not. */
export function missingHtml(pages: readonly Page[]): string {
  const content = `<h1>There is no such page</h1><p>The reference and the guides are above.</p>`;
  return html(
    "No such page",
    "prose",
    `${bar(pages, "none")}<div class="columns"><main>${content}</main></div>`,
  );
}

/** `current` is the page that it stands on: without one, the reference. */
function bar(pages: readonly Page[], current?: Page | "none"): string {
  const guides = pages.filter(({ guide }) => guide);
  const reference = `<a href="/docs"${current ? "" : ' aria-current="page"'}>Reference</a>`;
  return `<header><strong>Simplane</strong><nav aria-label="Guides">${reference}${links(guides, current)}<a href="/openapi.json">openapi.json</a></nav></header>`;
}

function links(pages: readonly Page[], current?: Page | "none"): string {
  return pages
    .map((page) => {
      const here = page === current ? ' aria-current="page"' : "";
      return `<a href="/docs/${page.name}"${here}>${escapeHtml(page.title)}</a>`;
    })
    .join("");
}

function html(title: string, kind: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} - Simplane</title>
<link rel="icon" href="/docs/icon.svg">
<link rel="stylesheet" href="/docs/style.css">
</head>
<body class="${kind}">
${body}
</body>
</html>
`;
}
