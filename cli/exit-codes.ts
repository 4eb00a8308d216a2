/** What the program ends with; the table in docs/cli.md says the same. */
export const EXIT = {
  done: 0,
  /** The server refused the call, or something unexpected failed. */
  refused: 1,
  /** The command line is wrong, or a setting is missing. */
  usage: 2,
  /** No server answers at the URL. */
  unreachable: 3,
  /** The key is missing, unknown, expired, or may not do this. */
  key: 4,
  /** Some of it was done, and some refused. */
  partly: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
