import { type ErrorCode, ERRORS } from "../src/platform/errors";
import type { Components, Json } from "./json-schema";
import type { Answer, Operation } from "./operation";

const textHeader = (description: string, example: string): Json => ({
  description,
  schema: { type: "string" },
  example,
});
const wholeHeader = (description: string, example: number): Json => ({
  description,
  schema: { type: "integer", format: "int64", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  example,
});

/** Headers that answers have. */
export const ANSWER_HEADERS: Record<string, Json> = {
  "x-request-id": textHeader("Names the call in our log.", "9ff9c664-a296-4427-917c-975bca83a35c"),
  "x-d1-bookmark": textHeader(
    "What the call saw of the database; send it back to see at least as much.",
    "00000085-00000002-00004f1f-5bd2b2c1dc0b1b1f6a5d9f1f0c8e4a3b",
  ),
  "x-ratelimit-limit": wholeHeader("Calls a minute that the key may make.", 600),
  "x-ratelimit-remaining": wholeHeader("Those left.", 594),
  "x-ratelimit-reset": wholeHeader("When the minute ends: seconds since 1970.", 1795576260),
  "ratelimit-policy": textHeader("The limit as the IETF's draft has it.", '"default";q=600;w=60'),
  ratelimit: textHeader("What is left as the IETF's draft has it.", '"default";r=594;t=5'),
  "idempotency-replayed": textHeader("`true` where the answer is that of an earlier call.", "true"),
  etag: textHeader("Stands for all that a caller can change of the SIM.", '"1795576255135-0"'),
  "retry-after": wholeHeader("Seconds to wait.", 5),
  link: textHeader("Where the code is explained.", '</docs#sim_not_found>; rel="help"'),
  "www-authenticate": textHeader("How a key is sent.", "Bearer"),
  "accept-encoding": textHeader("The encodings that a body may have.", "gzip, identity"),
  location: textHeader(
    "The address of what was made.",
    "/operator/accounts/9601fd3e-03e9-4bb1-8876-df18dc50c6a4",
  ),
  "x-error-detail": textHeader(
    "In plain words: which value is wrong, what was expected, what came. At most 200 visible ASCII characters.",
    "id: expected a string of nine digits, got a number",
  ),
};
const RATE_LIMIT = [
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "ratelimit-policy",
  "ratelimit",
];

const MEANING: Record<number, string> = {
  400: "Something in the request is not of its form.",
  401: "No valid key.",
  403: "The key may not do this.",
  404: "There is no such thing.",
  409: "It does not go with what is there.",
  412: "It was changed meanwhile.",
  413: "The body is too large.",
  415: "The body is packed in another way than gzip.",
  429: "Too many requests.",
  500: "Something failed on our side.",
  503: "Overloaded; try again later.",
};

/** What of a call decides on the answers' headers. */
export interface Call {
  changes: boolean;
  customer: boolean;
  /** Needs no key. */
  open: boolean;
}

/** The answers of a call: those of success, and each status with its codes. */
export function responsesOf(
  components: Components,
  operation: Operation,
  codes: readonly ErrorCode[],
  call: Call,
): Json {
  const successes = Object.entries(operation.answers).map(([status, answer]) => {
    const { schema, examples, lines } = answer;
    const content = {
      "application/json": {
        schema: components.of(schema, "output"),
        examples: asExamples(examples),
      },
      ...(lines !== undefined && {
        "application/x-ndjson": { schema: { type: "string" }, example: lines },
      }),
    };
    const names = [
      ...(call.open ? [] : ["x-d1-bookmark"]),
      ...(operation.etag?.given ? ["etag"] : []),
      ...(call.changes && call.customer ? ["idempotency-replayed"] : []),
      ...(status === "201" ? ["location"] : []),
    ];
    return [status, { description: answer.what, headers: headers(call, names), content }];
  });
  const statuses = [...new Set(codes.map((code) => ERRORS[code][0]))].toSorted((a, b) => a - b);
  const failures = statuses.map((status) => {
    const its = codes.filter((code) => ERRORS[code][0] === status);
    const names = [
      "link",
      "x-error-detail",
      ...(!call.open && AFTER_READING.has(status) ? ["x-d1-bookmark"] : []),
      ...(mayPass(status, its) ? ["retry-after"] : []),
      ...(status === 401 ? ["www-authenticate"] : []),
      ...(status === 415 ? ["accept-encoding"] : []),
    ];
    return [
      status,
      {
        description: MEANING[status] ?? "",
        headers: headers(call, names),
        content: {
          "application/json": orAnswer(components, operation.answers[status], errorContent(its)),
        },
      },
    ];
  });
  const unchanged = operation.etag?.conditional
    ? [["304", { description: "It is as If-None-Match says.", headers: headers(call, ["etag"]) }]]
    : [];
  return Object.fromEntries([...successes, ...unchanged, ...failures]);
}

/** Statuses of refusals that may come once the database was asked. */
const AFTER_READING = new Set([400, 403, 404, 409, 412]);

function mayPass(status: number, codes: readonly ErrorCode[]): boolean {
  return status === 429 || status === 503 || codes.includes("idempotency_in_progress");
}

/** What a status of failure has, where the call may answer something else with it too. */
function orAnswer(components: Components, answer: Answer | undefined, error: ErrorContent): Json {
  if (!answer) return { ...error };
  return {
    schema: { anyOf: [components.of(answer.schema, "output"), error.schema] },
    examples: { ...asExamples(answer.examples), ...error.examples },
  };
}

export function asExamples(examples: Record<string, unknown>): Json {
  return Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));
}

function headers({ customer }: Call, names: string[]): Json {
  const all = ["x-request-id", ...(customer ? RATE_LIMIT : []), ...names];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

interface ErrorContent {
  schema: Json;
  examples: Json;
}

function errorContent(codes: readonly ErrorCode[]): ErrorContent {
  return {
    schema: {
      type: "object",
      properties: { error: { type: "string", enum: codes } },
      required: ["error"],
    },
    examples: Object.fromEntries(codes.map((code) => [code, { $ref: exampleOf(code) }])),
  };
}

/** An example of the answer for each code that `text` refers to, with its sentence. */
export function errorExamples(text: string): Json {
  return Object.fromEntries(
    Object.entries(ERRORS)
      .filter(([code]) => text.includes(`"${exampleOf(code)}"`))
      .map(([code, [, sentence]]) => [code, { summary: sentence, value: { error: code } }]),
  );
}

function exampleOf(code: string): string {
  return `#/components/examples/${code}`;
}
