import type { FetchResponse, MaybeOptionalInit } from "openapi-fetch";
import type { HttpMethod, PathsWithMethod, RequiredKeysOf } from "openapi-typescript-helpers";
import type { paths } from "./schema";
import type { UsageAnsweredTo } from "./usage-rows";

/** What an operation answers when it does not refuse: what it refuses is thrown. */
interface Answered<Operation, Init> {
  data: Exclude<
    FetchResponse<Operation & Record<string, unknown>, Init, "application/json">["data"],
    undefined
  >;
  response: Response;
}

/** The same by path and method. The document cannot say which rows `GET /usage` has for which parameters. */
type AnsweredTo<Path extends keyof paths, Method extends HttpMethod, Init> = [
  Path,
  Method,
] extends ["/usage", "get"]
  ? Init extends { parseAs: "text" | "stream" | "blob" | "arrayBuffer" }
    ? Answered<paths["/usage"]["get"], Init>
    : { data: UsageAnsweredTo<Init>; response: Response }
  : Answered<paths[Path][Method & keyof paths[Path]], Init>;

/** What a call is given, which need not be there where nothing in it must. */
export type InitParam<Init> = RequiredKeysOf<Init> extends never ? [init?: Init] : [init: Init];

/** A call by its path, as the document has it: what it takes and answers is typed. */
type Call<Method extends HttpMethod> = <
  Path extends PathsWithMethod<paths, Method>,
  Init extends MaybeOptionalInit<paths[Path], Method>,
>(
  path: Path,
  ...init: InitParam<Init>
) => Promise<AnsweredTo<Path, Method, Init>>;

export interface Calls {
  GET: Call<"get">;
  POST: Call<"post">;
  PUT: Call<"put">;
  PATCH: Call<"patch">;
  DELETE: Call<"delete">;
}

type Readable = PathsWithMethod<paths, "get">;

/** What `GET` of a path answers. */
export type Page<Path extends Readable, Init = object> = AnsweredTo<Path, "get", Init>["data"];

/** The rows of a page: the page itself where it is a list, else whatever its only list is called. */
export type Row<P> = P extends readonly (infer R)[]
  ? R
  : { [K in keyof P]-?: P[K] extends readonly (infer R)[] ? R : never }[keyof P];

type Asked<Path extends Readable> = paths[Path] extends {
  get: { parameters: { query?: infer Query } };
}
  ? Query extends object
    ? keyof Query
    : never
  : never;

/** The paths that answer a page at a time, and are told where the last one ended. */
export type PagedPath = {
  [Path in Readable]: Extract<Asked<Path>, "next_page" | "after" | "offset"> extends never
    ? never
    : Path;
}[Readable];

export type PageInit<Path extends PagedPath> = MaybeOptionalInit<paths[Path], "get">;
