import type * as z from "zod";

/** Calls the API with one key. Throws for every error. */
export type Api = <S extends z.ZodType>(
  method: string,
  path: string,
  answer: S,
  body?: object,
) => Promise<z.output<S>>;

/** An answer that is an error. */
export class ApiFailure extends Error {
  override name = "ApiFailure";
  constructor(
    call: string,
    readonly status: number,
    readonly body: string,
  ) {
    super(`${call} answered ${status} ${body}`);
  }
}

export function api(url: string, key: string): Api {
  return async (method, path, answer, body) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: key },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiFailure(`${method} ${path}`, response.status, text);
    return answer.parse(JSON.parse(text));
  };
}
