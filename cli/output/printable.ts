/**
 * What a terminal may act on, or show in another order than it is written: control characters, line and paragraph separators,
 * marks of direction.
 */
const ACTED_ON =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text of others on one line of a terminal: what a terminal would act on is spelt out (`\u001b`). */
export function printable(text: string): string {
  return text.replace(ACTED_ON, spelt);
}

/** A value as one line of JSON. JSON leaves some of those characters as they are; escaped they mean the same to a program. */
export function jsonLine(value: unknown): string {
  return printable(JSON.stringify(value));
}

function spelt(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
