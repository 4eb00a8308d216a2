/** The result of a run that no minute's end fell into: the rate limit counts by minutes. */
export async function withinAMinute<Result>(run: () => Promise<Result>): Promise<Result> {
  const minute = () => Math.floor(Date.now() / 60_000);
  const start = minute();
  const result = await run();
  return minute() === start ? result : run();
}
