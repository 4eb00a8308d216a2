import { ERRORS } from "../../src/platform/errors";
import { escapeHtml } from "./html";

/** Where a page shows the codes: on a forge the comment is not seen. */
export const ERROR_CODES_MARK = "<!-- error codes -->";

/** Every code with its status and sentence, each at an anchor of its own name. */
export function errorCodesHtml(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, [status, sentence]]) =>
      `<tr id="${code}"><td><a class="anchor" href="#${code}"><code>${code}</code></a></td><td>${status}</td><td>${escapeHtml(sentence)}</td></tr>`,
  );
  return `<div class="wide"><table class="codes"><thead><tr><th>code</th><th>status</th><th>what it says</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>`;
}
