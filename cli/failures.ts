import { EXIT, type ExitCode } from "./exit-codes";

/** Ends the program with a sentence for the caller. */
export class Failure extends Error {
  override name = "Failure";
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.usage,
    /** For programs. */
    readonly code = CODES[exitCode],
  ) {
    super(message);
  }
}

const CODES: Record<ExitCode, string> = {
  [EXIT.done]: "done",
  [EXIT.refused]: "failed",
  [EXIT.usage]: "usage_invalid",
  [EXIT.unreachable]: "unreachable",
  [EXIT.key]: "key_missing",
  [EXIT.partly]: "partly_refused",
};
