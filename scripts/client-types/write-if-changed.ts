import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Leaves a file alone that has this text already: a development server starts again when a file that it watches is written. */
export function writeIfChanged(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  writeFileSync(file, text);
}
