import type * as z from "zod";
import type { ErrorCode } from "../src/platform/errors";

/** What an operation answers with a status of success. */
export interface Answer {
  /** What it is, in a few words. */
  what: string;
  schema: z.ZodType;
  /** By name; each is valid against the schema. */
  examples: Record<string, unknown>;
  /** Another media type that the call may be answered in, and an example of it. */
  lines?: string;
}

/** A parameter of the path or the query: what it is, and an example. */
export interface Parameter {
  what: string;
  example: unknown;
}

/** What the routes do not tell of themselves. */
export interface Operation {
  id: string;
  summary: string;
  description: string;
  /** By name, where they are not among the common ones. */
  parameters?: Record<string, Parameter>;
  /** What a body may be, by name. */
  bodies?: Record<string, unknown>;
  /** A body of lines of JSON that is taken as well. */
  lines?: string;
  answers: Record<number, Answer>;
  /** Beside those that every call, and its parameters, may end with. */
  errors?: ErrorCode[];
  /** Whether the answer has an ETag, and whether the call takes one as If-Match or (`conditional`) as If-None-Match. */
  etag?: { given?: boolean; taken?: boolean; conditional?: boolean };
}

/** The operations of a tag, by `METHOD /path` as the app declares it. */
export interface Section {
  tag: string;
  /** What the section is about. */
  what: string;
  operations: Record<string, Operation>;
}
