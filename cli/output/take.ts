/** The first of them: no further page is asked for. */
export async function* take<T>(items: AsyncIterable<T>, limit = Infinity): AsyncGenerator<T> {
  let taken = 0;
  if (limit === 0) return;
  for await (const item of items) {
    yield item;
    taken += 1;
    if (taken >= limit) return;
  }
}
