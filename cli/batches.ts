/** Items in lists of so many at most, and of so many characters unless one alone has more. */
export async function* batches<T>(
  items: AsyncIterable<T>,
  lengthOf: (item: T) => number,
  { count, characters }: { count: number; characters: number },
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let length = 0;
  for await (const item of items) {
    const more = lengthOf(item);
    if (batch.length === count || (batch.length > 0 && length + more > characters)) {
      yield batch;
      batch = [];
      length = 0;
    }
    batch.push(item);
    length += more;
  }
  if (batch.length > 0) yield batch;
}
