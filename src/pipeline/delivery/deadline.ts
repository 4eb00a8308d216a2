/**
 * Gives up requests, one after the other, that take longer than `ms`. It is used again and again, since a signal and a
 * timer for each request would cost a twentieth of sending it.
 */
export class Deadline {
  private abort = new AbortController();
  private signal = this.abort.signal;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Until when the request under way may take. */
  private due: number | undefined;
  /** Whether the last request was given up. */
  passed = false;

  constructor(private readonly ms: number) {}

  /** To be called when a request is sent, with the signal that it answers. */
  start(now: number): AbortSignal {
    if (this.passed) {
      this.abort = new AbortController();
      this.signal = this.abort.signal;
      this.passed = false;
    }
    this.due = now + this.ms;
    this.timer ??= setTimeout(this.check, this.ms);
    return this.signal;
  }

  /** The request has ended. */
  stop(): void {
    this.due = undefined;
  }

  /** No request comes any more. */
  end(): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
  }

  /** The timer may be that of a request before: the one under way has its own time. */
  private readonly check = (): void => {
    this.timer = undefined;
    if (this.due === undefined) return;
    const left = this.due - Date.now();
    if (left > 0) {
      this.timer = setTimeout(this.check, left);
      return;
    }
    this.passed = true;
    this.abort.abort();
  };
}
