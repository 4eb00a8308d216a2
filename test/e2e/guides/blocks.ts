/** A fenced block of a Markdown file. */
export interface Block {
  /** What it is written in; empty for what a second terminal prints. */
  language: string;
  /** What stands behind the language: a file's name, `cloudflare`, `second terminal`. */
  label: string;
  text: string;
  line: number;
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  let indent = "";
  for (const [index, line] of markdown.split("\n").entries()) {
    const fence = /^( *)```(\w*) ?(.*)$/.exec(line);
    if (open && fence) {
      blocks.push(open);
      open = undefined;
    } else if (open) open.text += `${line.replace(indent, "")}\n`;
    else if (fence) {
      const [, before = "", language = "", label = ""] = fence;
      indent = before;
      open = { language, label, text: "", line: index + 1 };
    }
  }
  if (open) throw new Error(`the block of line ${open.line} does not end`);
  return blocks;
}

/** A command of a shell block, and what its comment says that it prints. */
export interface Step {
  command: string;
  prints: string | undefined;
}

/** A line that begins with `# ` belongs to what the command before it prints. */
export function stepsOf(shell: string): Step[] {
  const steps: Step[] = [];
  let command = "";
  for (const line of shell.split("\n")) {
    const comment = /^# ?(.*)$/.exec(line)?.[1];
    const last = steps.at(-1);
    if (comment === undefined) command += `${line}\n`;
    else if (command.trim()) {
      steps.push({ command, prints: comment });
      command = "";
    } else if (last) last.prints += `\n${comment}`;
  }
  if (command.trim()) steps.push({ command, prints: undefined });
  return steps;
}
