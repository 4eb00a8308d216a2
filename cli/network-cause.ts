/** What is wrong with the connection, by the system's name; undefined where an error tells of something else. */
export function networkCause(error: unknown): string | undefined {
  if (error instanceof DOMException && error.name === "TimeoutError") return "it does not answer";
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return undefined;
  const { cause } = error;
  return "code" in cause ? String(cause.code) : cause.message;
}
