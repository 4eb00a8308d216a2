import type { Answer } from "./call";

/** Compares an answer's status and, where given, its whole body; a string stands for `{"error": string}`. */
export function toAnswer(answer: Answer, status: number, body?: string | object) {
  const expected = typeof body === "string" ? { error: body } : body;
  const text = expected === undefined ? answer.text : JSON.stringify(expected);
  const pass = answer.status === status && answer.text === text;
  return {
    pass,
    message: () => `expected ${status} ${text}, got ${answer.status} ${answer.text}`,
    actual: { status: answer.status, body: answer.text },
    expected: { status, body: text },
  };
}
