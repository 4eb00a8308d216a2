import type { components } from "./schema";

/** Every code that an answer may have as its `error`. */
export type ErrorCode = components["schemas"]["ErrorCode"];

/** What the API refused, or failed to do. */
export class SimplaneError extends Error {
  override name = "SimplaneError";

  constructor(
    /** The answer's `error`; `unexpected_answer` where something between answered in the API's place. */
    readonly code: ErrorCode | "unexpected_answer" | (string & {}),
    readonly status: number,
    /** What names the call in the deployment's log. */
    readonly requestId: string | null,
    /** Where the code is explained. */
    readonly docs: string | null,
    /** In plain words, what was wrong with which value. */
    readonly detail: string | null,
    call: string,
  ) {
    const more = `${detail === null ? "" : `: ${detail}`}${docs === null ? "" : `, see ${docs}`}`;
    super(`${call}: ${code} (${status})${more}`);
  }
}

/** The error that an answer tells of. */
export async function errorOf(request: Request, response: Response): Promise<SimplaneError> {
  const { headers, status } = response;
  const [, docs = null] = /<([^>]+)>; *rel="help"/.exec(headers.get("link") ?? "") ?? [];
  const call = `${request.method} ${new URL(request.url).pathname}`;
  const code = codeIn(await response.text()) ?? "unexpected_answer";
  const detail = headers.get("x-error-detail");
  return new SimplaneError(code, status, headers.get("x-request-id"), docs, detail, call);
}

function codeIn(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null || !("error" in parsed)) return undefined;
    return typeof parsed.error === "string" ? parsed.error : undefined;
  } catch {
    return undefined;
  }
}
