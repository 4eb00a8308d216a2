/** Things in lists of at most so many. */
export function* inLots<T>(things: Iterable<T>, most: number): Generator<T[]> {
  let lot: T[] = [];
  for (const thing of things) {
    lot.push(thing);
    if (lot.length < most) continue;
    yield lot;
    lot = [];
  }
  if (lot.length > 0) yield lot;
}

/** Works through the things, so many at once. */
export async function sideBySide<T>(
  things: readonly T[],
  atOnce: number,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  const queue = things.values();
  const lane = async () => {
    for (const thing of queue) await work(thing);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
