import { isObject } from "../http/body";

/** All that an event says but its id, as text: equal for two reports of the same content. */
export function contentOf({ id, ...said }: { id?: string | undefined }): string {
  void id;
  return JSON.stringify(canonical(said));
}

/** Names in order; null counts as absent. */
function canonical(value: unknown): unknown {
  if (!isObject(value)) return value;
  const known = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  known.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(known.map(([name, one]) => [name, canonical(one)]));
}
