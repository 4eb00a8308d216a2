import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { eventually } from "../support/receiver";
import { type Block, type Step, stepsOf } from "./blocks";
import { patternOf, withoutBlanks } from "./expected";
import { openTerminal, type Running } from "./shell";

export interface Reader {
  /** An empty folder below the repository. */
  folder: string;
  /** What stands for the keys that the start prints. */
  key: string;
  operatorKey: string;
  /** Where the guide's receiver listens. */
  port: number;
  /** What the guide takes as given: commands of a shell. */
  given: string;
}

/** Does what the blocks say, in their order, and fails where something else is printed than they say. */
export async function follow(blocks: readonly Block[], reader: Reader): Promise<void> {
  const terminal = await openTerminal(reader.folder, reader.given);
  const seen: Seen = { sp: reader.key, op: reader.operatorKey };
  let second: Running | undefined;

  const take = async ({ command, prints }: Step, block: Block) => {
    const given = copied(command, seen);
    const once = async () => {
      const printed = await terminal.run(given);
      if (prints !== undefined) expectPrinted(printed, `^${patternOf(prints)}$`, block);
      return printed;
    };
    // What only reads may be asked before what was sent has arrived.
    const reads = given.startsWith("curl ") && !/ (-X|--data) /.test(given);
    notice(await (reads ? eventually(once) : once()), seen);
  };

  for (const block of blocks) {
    const { language, label, text } = block;
    switch (`${language} ${label}`) {
      case "sh ":
        for (const step of stepsOf(text)) await take(step, block);
        break;
      case "sh in the clone":
        for (const { command, prints } of stepsOf(text))
          await take({ command: `cd '${process.cwd()}'\n${command}`, prints }, block);
        break;
      case "sh second terminal":
        await second?.end();
        second = await terminal.listen(copied(text, seen), reader.port);
        break;
      case "sh cloudflare":
        break;
      case " ":
        await eventually(() => expectPrinted(second?.printed() ?? "", patternOf(text), block));
        break;
      // To be read only.
      case "json ":
      case "toml ":
      case "sql ":
        break;
      default:
        if (!/^[a-z-]+\.(ts|py)$/.test(label))
          throw new Error(`line ${block.line}: nobody knows what to do with it`);
        await writeFile(join(reader.folder, label), text);
    }
  }
  await second?.end();
}

/** What a reader copies: the last key, secret and id that were printed. */
type Seen = Partial<Record<"sp" | "op" | "whsec" | "id", string>>;

function notice(printed: string, seen: Seen): void {
  const key = /\bsp_[0-9A-Za-z]{40}\b/.exec(printed)?.[0];
  const secret = /whsec_[A-Za-z0-9+/]+=*/.exec(printed)?.[0];
  const id = /"id":"([^"]+)"/.exec(printed)?.[1];
  Object.assign(seen, key && { sp: key }, secret && { whsec: secret }, id && { id });
}

/** Puts it where the guide writes `sp_...`, `op_...`, `whsec_...`, or `...` as the value of a variable. */
function copied(command: string, seen: Seen): string {
  const put = (name: keyof Seen) => {
    const value = seen[name];
    if (!value) throw new Error(`no ${name} to copy was printed before ${command}`);
    return value;
  };
  return command
    .replaceAll("sp_...", () => put("sp"))
    .replaceAll("op_...", () => put("op"))
    .replaceAll("whsec_...", () => put("whsec"))
    .replaceAll(/(?<=[A-Z]=)\.\.\.(?=\s)/g, () => put("id"));
}

/** Names of headers come in small letters from a deployment and in others from here. */
function expectPrinted(printed: string, pattern: string, { line }: Block): void {
  expect(withoutBlanks(printed), `block of line ${line}`).toMatch(new RegExp(pattern, "i"));
}
