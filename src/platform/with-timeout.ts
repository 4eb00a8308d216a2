/** What `ask` answers; throws when it has not answered after so many milliseconds. */
export async function within<T>(timeoutMs: number, ask: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`no answer in ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    return await Promise.race([ask(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
