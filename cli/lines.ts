import { createReadStream } from "node:fs";
import { Failure } from "./failures";

/** A line of a file, counted from 1. */
export interface Numbered {
  line: number;
  text: string;
}

/** The text of a file, or of stdin for `-`; throws where it is not there, or no UTF-8. */
export async function* readText(
  file: string,
  stdin: AsyncIterable<Uint8Array>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    let isFirst = true;
    for await (const chunk of file === "-" ? stdin : createReadStream(file)) {
      if (isFirst) refusePacked(chunk, nameOf(file));
      isFirst = false;
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new Failure(`${nameOf(file)} is not in UTF-8.`);
    if (error instanceof Error && "code" in error)
      throw new Failure(`${nameOf(file)} cannot be read (${String(error.code)}).`);
    throw error;
  }
}

/** Files that are taken for text by mistake, by their first bytes. */
function refusePacked([first, second]: Uint8Array, name: string): void {
  if (first === 0x1f && second === 0x8b)
    throw new Failure(`${name} is compressed (gzip): unpack it with gunzip.`);
  if (first === 0x50 && second === 0x4b)
    throw new Failure(`${name} is a workbook or another zip file: save it as CSV (UTF-8).`);
}

/** The lines of a text that hold something. */
export async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<Numbered> {
  let rest = "";
  let line = 0;
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const each of lines) {
      line += 1;
      if (each.trim() !== "") yield { line, text: each };
    }
  }
  if (rest.trim() !== "") yield { line: line + 1, text: rest };
}

function nameOf(file: string): string {
  return file === "-" ? "What comes by stdin" : file;
}
