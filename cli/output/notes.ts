import { createColors } from "picocolors";
import { redact } from "../redact";
import { hasColours, type Stream } from "./output";
import { printable } from "./printable";

const CLEAR_LINE = "\r\u001b[K";

/** What is told beside the result: stderr. No secret passes. */
export class Notes {
  readonly colours;
  private showing = false;

  constructor(
    private readonly stream: Stream,
    env: NodeJS.ProcessEnv,
    /** Secrets that do not look like one. */
    private readonly secrets: () => readonly (string | undefined)[],
  ) {
    this.colours = createColors(hasColours(stream, env));
  }

  /** A line, made harmless. */
  readonly line = (text: string): void => this.write(`${printable(text)}\n`);

  /** Lines of ours, which may hold colours. */
  readonly write = (text: string): void => {
    this.clear();
    this.stream.write(redact(text, this.secrets()));
  };

  /** A line that is there to tell a secret. */
  readonly secret = (text: string): void => {
    this.clear();
    this.stream.write(text);
  };

  /** How far it is, on a line that the next one takes; on a terminal only. */
  readonly progress = (text: string): void => {
    if (!this.stream.isTTY) return;
    this.stream.write(`${CLEAR_LINE}${printable(text).slice(0, (this.stream.columns || 80) - 1)}`);
    this.showing = true;
  };

  clear(): void {
    if (this.showing) this.stream.write(CLEAR_LINE);
    this.showing = false;
  }
}
