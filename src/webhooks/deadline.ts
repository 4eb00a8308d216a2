/**
 * Gives up requests, one after the other, that take longer than `ms`. It is used again and again, since a signal and a
 * timer for each request would cost a tenth of sending it.
 */
export class Deadline {
  private readonly check = () => this.giveUp();
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Until when the request under way may take. */
  private due: number | undefined;

  constructor(private readonly ms: number) {}

  /** To be called when a request is sent, with the signal that it answers. */
  start(now: number): AbortSignal {
    if (this.passed) this.abort = new AbortController();
    this.due = now + this.ms;
    this.timer ??= setTimeout(this.check, this.ms);
    return this.abort.signal;
  }

  /** Whether the last request was given up. */
  get passed(): boolean {
    return this.abort.signal.aborted;
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
  private giveUp(): void {
    this.timer = undefined;
    if (this.due === undefined) return;
    const left = this.due - Date.now();
    if (left > 0) this.timer = setTimeout(this.check, left);
    else this.abort.abort();
  }
}
