const WIDTH = 24;

export interface Progress {
  /** How far it is, 0 to 1, and what to say beside it. */
  show(done: number, beside: string): void;
  /** A line of its own. */
  say(line: string): void;
  /** Nothing is shown after it. */
  end(): void;
}

/** On a terminal a bar that moves, ten times a second at most; elsewhere a line now and then. */
export function progressOn(
  out: NodeJS.WriteStream,
  { now = () => performance.now(), everyMs = out.isTTY ? 100 : 5_000 } = {},
): Progress {
  let shownAt = now();
  const clear = out.isTTY ? "\r\u001B[K" : "";
  return {
    show(done, beside) {
      if (now() - shownAt < everyMs && done < 1) return;
      shownAt = now();
      const percent = `${String(Math.floor(done * 100)).padStart(3)} %`;
      const full = Math.round(done * WIDTH);
      const bar = `[${"#".repeat(full)}${"-".repeat(WIDTH - full)}] `;
      const text = `${percent}  ${beside}`;
      if (out.isTTY) out.write(clear + (bar + text).slice(0, (out.columns || 80) - 1));
      else out.write(`${text}\n`);
    },
    say: (line) => void out.write(`${clear}${line}\n`),
    end: () => void out.write(clear),
  };
}
