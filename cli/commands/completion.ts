import { type Command, Argument } from "@commander-js/extra-typings";
import { completionScript, SHELLS } from "../completion-script";
import type { OpenSession } from "../session";

export function completion(program: Command, open: OpenSession): void {
  program
    .command("completion")
    .description("print a script that completes commands and options in a shell")
    .addArgument(new Argument("<shell>", "bash or zsh").choices(SHELLS))
    .action(async (shell) => {
      await open().out.line(completionScript(program, shell));
    });
}
