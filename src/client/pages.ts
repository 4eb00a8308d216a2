/** A `GET` whose types are told elsewhere. */
export type Read = (path: string, init: Init) => Promise<{ data: unknown }>;

export interface Init {
  params?: { query?: Query };
  [option: string]: unknown;
}

type Query = Record<string, unknown>;

/** Each page of a list, until there is no more. */
export async function* pages(read: Read, path: string, init: Init = {}): AsyncGenerator {
  let query: Query | undefined = init.params?.query ?? {};
  while (query) {
    const { data } = await read(path, { ...init, params: { ...init.params, query } });
    yield data;
    query = nextOf(path, query, data);
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

function hasPagination(
  page: unknown,
): page is { pagination: { has_more: boolean; next_page?: string } } {
  return typeof page === "object" && page !== null && "pagination" in page;
}

function listIn(page: unknown): unknown[] {
  return Object.values(page ?? {}).find((value) => Array.isArray(value)) ?? [];
}
