import { CommanderError } from "@commander-js/extra-typings";
import { version } from "../package.json";
import { EXIT, type ExitCode } from "./exit-codes";
import { exitCodeOf, explain, tell } from "./explain";
import { Notes } from "./output/notes";
import { Output } from "./output/output";
import { buildProgram, type GlobalOptions } from "./program";
import { clients } from "./session";
import { readSettings } from "./settings";

const { stdout, stderr, stdin, env } = process;

// Whoever reads has enough (`| head`): no failure, and nobody to tell of one.
for (const stream of [stdout, stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.done);
    if (stream === stdout) notes.line(`simplane: The output cannot be written (${error.code}).`);
    process.exit(EXIT.refused);
  });

let given: GlobalOptions = {};
const notes = new Notes(stderr, env, () => [
  given.key,
  given.operatorKey,
  env["SIMPLANE_KEY"],
  env["SIMPLANE_OPERATOR_KEY"],
]);
let url: string | undefined;
const settings = () => {
  const found = readSettings(given, env, process.cwd());
  ({ url } = found);
  return found;
};

const program = buildProgram({
  version,
  session(options) {
    given = options;
    const out = new Output(stdout, env, options.json ?? false);
    return { out, notes, env, stdin, untilInterrupted, ...clients(settings) };
  },
  complain: notes.write,
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = end(error);
} finally {
  notes.clear();
}

function end(error: unknown): ExitCode {
  // Commander has told what is wrong itself.
  if (error instanceof CommanderError) return exitCodeOf(error);
  const explained = explain(error, url);
  notes.write(tell(explained, given.json ?? false, notes.colours));
  return explained.exitCode;
}

function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => controller.abort());
  return controller.signal;
}
