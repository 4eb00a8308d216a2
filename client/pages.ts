/** A `GET` whose types are told elsewhere. */
export type Read = (path: string, init: Init) => Promise<{ data: unknown; response?: Response }>;

export interface Init {
  params?: { query?: Query };
  [option: string]: unknown;
}

type Query = Record<string, unknown>;

/** Each page of a list, until there is no more. */
export async function* pages(read: Read, path: string, init: Init = {}): AsyncGenerator {
  let query: Query | undefined = init.params?.query ?? {};
  while (query) {
    const { data, response } = await read(path, { ...init, params: { ...init.params, query } });
    yield data;
    query = Array.isArray(data) ? nextByLink(query, response) : nextOf(path, query, data);
  }
}

/** Each row of a list, page after page. */
export async function* rows(read: Read, path: string, init?: Init): AsyncGenerator {
  for await (const page of pages(read, path, init)) yield* listIn(page);
}

/** What asks for the page behind this one; undefined where there is none. */
function nextOf(path: string, query: Query, page: unknown): Query | undefined {
  const { offset, since, ...rest } = query;
  if (hasPagination(page)) {
    const { has_more, next_page } = page.pagination;
    if (!has_more) return undefined;
    // A cursor of the feed stands for its beginning, and any cursor for an offset.
    if (path === "/events") return { ...rest, after: next_page };
    return { ...rest, ...(since === undefined ? {} : { since }), next_page };
  }
  const { length } = listIn(page);
  return length > 0 ? { ...query, offset: Number(offset ?? 0) + length } : undefined;
}

/** A list that is a bare array has its next page in the header `Link`. */
function nextByLink(query: Query, response: Response | undefined): Query | undefined {
  const [, url] = /<([^>]*)>; rel="next"/.exec(response?.headers.get("link") ?? "") ?? [];
  if (url === undefined) return undefined;
  return { ...query, next_page: new URL(url).searchParams.get("next_page") };
}

function hasPagination(
  page: unknown,
): page is { pagination: { has_more: boolean; next_page?: string } } {
  return typeof page === "object" && page !== null && "pagination" in page;
}

function listIn(page: unknown): unknown[] {
  if (Array.isArray(page)) return page;
  return Object.values(page ?? {}).find((value) => Array.isArray(value)) ?? [];
}
