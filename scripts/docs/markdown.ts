import { posix } from "node:path";
import GithubSlugger from "github-slugger";
import { Marked } from "marked";
import { ERROR_CODES_MARK, errorCodesHtml } from "./error-codes";
import { escapeHtml } from "./html";
import type { Page } from "./pages";

/** A page's Markdown as HTML, with the anchors that a forge gives it, and links that lead to pages. */
export function rendered(page: Page, pages: readonly Page[]): string {
  const slugger = new GithubSlugger();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        const id = slugger.slug(plain(text));
        const inner = this.parser.parseInline(tokens);
        return `<h${depth} id="${id}"><a class="anchor" href="#${id}">${inner}</a></h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const target = targetOf(href, page, pages);
        return target === undefined ? inner : `<a href="${escapeHtml(target)}">${inner}</a>`;
      },
      code({ text, lang = "" }) {
        const [language = "", ...label] = lang.split(" ");
        const caption = label.length > 0 ? `<b>${escapeHtml(label.join(" "))}</b>` : "";
        const inner = language === "sh" ? withAnswers(text) : escapeHtml(text);
        return `<div class="code">${caption}<pre tabindex="0"><code>${inner}</code></pre></div>\n`;
      },
      table({ header, rows }) {
        const cells = (row: typeof header, tag: "th" | "td") =>
          row.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join("");
        const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
        // A wide one scrolls by itself, so that the page does not.
        return `<div class="wide"><table><thead><tr>${cells(header, "th")}</tr></thead>\n<tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return marked.parse(page.markdown, { async: false }).replace(ERROR_CODES_MARK, errorCodesHtml());
}

/** Where a link of a page leads on the site; undefined for a file of the repository that is none of its pages. */
function targetOf(href: string, page: Page, pages: readonly Page[]): string | undefined {
  if (/^[a-z]+:|^[#/]/.test(href)) return href;
  const [path = "", anchor] = href.split("#");
  const file = posix.join(posix.dirname(page.file), path);
  const found = pages.find((other) => other.file === file);
  return found && `/docs/${found.name}${anchor === undefined ? "" : `#${anchor}`}`;
}

/** Commands of a shell, and apart from them the comments that say what they print. */
function withAnswers(shell: string): string {
  return escapeHtml(shell).replaceAll(/^# .*$/gm, "<i>$&</i>");
}

/** The words of a heading without its marks. */
function plain(markdown: string): string {
  return markdown.replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, "$1");
}
