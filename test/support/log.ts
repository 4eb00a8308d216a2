import { vi } from "vitest";

/** A line of the log. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test says by its expectations what it holds
export type Line = Record<string, any>;

/** Keeps what the log is told from now on, instead of printing it. */
export function givenLog() {
  const lines: string[] = [];
  for (const level of ["log", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
  return {
    /** All of it, as it was written. */
    text: () => lines.join("\n"),
    /** The lines with a message. */
    of: (message: string): Line[] =>
      lines.map((line): Line => JSON.parse(line)).filter((line) => line["message"] === message),
  };
}
