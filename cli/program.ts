import { Command } from "@commander-js/extra-typings";
import { accounts } from "./commands/accounts";
import { completion } from "./commands/completion";
import { events } from "./commands/events";
import { keys } from "./commands/keys";
import { operate } from "./commands/operate";
import { sims } from "./commands/sims";
import { tags } from "./commands/tags";
import { usage } from "./commands/usage";
import { webhooks } from "./commands/webhooks";
import type { Session } from "./session";
import type { Given } from "./settings";

/** The options that every command takes. */
export type GlobalOptions = Given & { json?: true | undefined };

interface Setting {
  version: string;
  /** Asked for when a command runs, with what the options say by then. */
  session: (options: GlobalOptions) => Session;
  /** Takes what is said of a wrong command line. */
  complain?: (text: string) => void;
}

/** The whole command line. */
export function buildProgram({ version, session, complain = () => {} }: Setting) {
  const program = new Command("simplane")
    .description("SIMs, usage, events, webhooks and keys of a Simplane deployment.")
    // Each command is made with these.
    .configureOutput({
      writeErr: complain,
      // What stands behind an option that is not known may be a key.
      outputError: (text, write) =>
        write(text.replace(/^error:/, "simplane:").replace(/(option '--[^=']+)=[^']*/, "$1")),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(--help tells more)")
    .exitOverride()
    .option("--url <url>", "the server (SIMPLANE_URL; else http://localhost:8787)")
    .option("--key <key>", "an account's key (better SIMPLANE_KEY: `ps` shows arguments)")
    .option("--operator-key <key>", "the operator's key (better SIMPLANE_OPERATOR_KEY)")
    .option("--json", "for programs: a JSON object a line")
    .version(version);
  const open = () => session(program.opts());
  sims(program, open);
  usage(program, open);
  events(program, open);
  webhooks(program, open);
  keys(program, open);
  accounts(program, open);
  tags(program, open);
  operate(program, open);
  completion(program, open);
  return program;
}
