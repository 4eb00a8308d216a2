/** What `ask` answers; throws when it has not answered after so many milliseconds. */
export async function within<T>(timeoutMs: number, ask: () => Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = async (): Promise<never> => {
    await scheduler.wait(timeoutMs, { signal: answered.signal });
    throw new Error(`no answer in ${timeoutMs} ms`);
  };
  try {
    return await Promise.race([ask(), late()]);
  } finally {
    answered.abort();
  }
}
