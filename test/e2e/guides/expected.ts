/** What is another each time, as it is written in an answer: an example of it stands for any. */
const VARYING: readonly RegExp[] = [
  /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/,
  /evt_(?:test_[0-9a-f-]{36}|[0-9a-z]+_\d{9}_[0-9a-f]{16})/,
  /sp_[0-9A-Za-z]{40}/,
  /whsec_[A-Za-z0-9+/]{43}=/,
  /\d{4}-\d\d-\d\d(?:T|\s?)\d\d:\d\d:\d\d(?:\.\d{3})?Z?/,
  // A cursor: JSON as base64url.
  /(?:WzE|eyJ)[A-Za-z0-9_-]{8,}/,
];
const ANY = /\.\.\./;

/** Matches text without blanks, by an example of it. `...` stands for anything. */
export function patternOf(example: string): string {
  const masks = [...VARYING, ANY];
  const mask = new RegExp(masks.map(({ source }) => `(${source})`).join("|"), "g");
  let pattern = "";
  let end = 0;
  const text = withoutBlanks(example);
  for (const found of text.matchAll(mask)) {
    pattern += literally(text.slice(end, found.index));
    const which = found.slice(1).findIndex((group) => group !== undefined);
    pattern += which === VARYING.length ? "[^]*?" : (VARYING[which]?.source ?? "");
    end = found.index + found[0].length;
  }
  return pattern + literally(text.slice(end));
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

export function withoutBlanks(text: string): string {
  return text.replaceAll(/\s/g, "");
}
