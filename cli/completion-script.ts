import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";

export const SHELLS = ["bash", "zsh"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * A script that knows all commands and options by itself: TAB starts no program and asks no server, and what is typed is
 * compared, never evaluated. zsh reads it through its emulation of bash's completion.
 */
export function completionScript(program: CommandUnknownOpts, shell: Shell): string {
  const commands = walk(program);
  const choices = new Map(commands.flatMap(({ command }) => choicesOf(command)));
  return `${shell === "zsh" ? ZSH : ""}_simplane() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at="" skip="" word="" next="" words="" options="" i=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ -n "$skip" ]]; then skip=""; continue; fi
    case "$word" in
      ${commands
        .flatMap(({ command }) => takingValues(command))
        .filter(isFirst)
        .join("|")}) skip=1; continue ;;
      -*) continue ;;
    esac
    next="\${at:+$at }$word"
    case "$next" in
      ${commands.flatMap(({ path }) => (path ? [`"${path}"`] : [])).join("|")}) at="$next" ;;
    esac
  done
  if [[ -n "$skip" ]]; then
    case "$prev" in
${[...choices].map(([flag, values]) => `      ${flag}) words="${values}" ;;`).join("\n")}
    esac
  else
    case "$at" in
${commands.map(({ path, command }) => `      "${path}") words="${wordsOf(command)}" options="${command.parent ? flagsOf(command.options).join(" ") : ""}" ;;`).join("\n")}
    esac
    if [[ "$cur" == -* ]]; then words="$options ${flagsOf(program.options).join(" ")} --help"; fi
  fi
  # Where nothing fits, the shell offers files.
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _simplane simplane`;
}

const ZSH = `(( $+functions[compdef] )) || { autoload -U +X compinit && compinit -i; }
autoload -U +X bashcompinit && bashcompinit
`;

interface Walked {
  /** The names from below the program, with spaces between. */
  path: string;
  command: CommandUnknownOpts;
}

/** A command and all below it. */
export function walk(command: CommandUnknownOpts, path = ""): Walked[] {
  const below = command.commands.flatMap((each) =>
    walk(each, path ? `${path} ${each.name()}` : each.name()),
  );
  return [{ path, command }, ...below];
}

function wordsOf(command: CommandUnknownOpts): string {
  const names = command.commands.map((each) => each.name());
  const values = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  return [...names, ...values].join(" ");
}

function takingValues(command: CommandUnknownOpts): string[] {
  return flagsOf(command.options.filter((option) => option.required || option.optional));
}

function choicesOf(command: CommandUnknownOpts): [string, string][] {
  return command.options.flatMap(({ long, argChoices }) =>
    long && argChoices ? [[long, argChoices.join(" ")] as [string, string]] : [],
  );
}

function flagsOf(options: readonly Option[]): string[] {
  return options.flatMap(({ long }) => (long ? [long] : []));
}

function isFirst(item: string, at: number, all: readonly string[]): boolean {
  return all.indexOf(item) === at;
}
