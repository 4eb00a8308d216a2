import { resolve } from "node:path";
import type { Plugin } from "vite";
import type { Mutant } from "./read-list";

let current: Mutant | undefined;

/** Makes the modules that load from now on those of this mutant. */
export function setMutant(mutant: Mutant | undefined): void {
  current = mutant;
}

/** Replaces the mutant's text while vite loads its file, so that no file on disk changes. */
export const mutantPlugin: Plugin = {
  name: "mutant",
  enforce: "pre",
  transform(code, id) {
    if (!current || id !== resolve(current.file)) return undefined;
    const { from, to } = current;
    if (!code.includes(from)) throw new Error(`${current.file} does not hold ${from}`);
    return { code: code.replace(from, () => to), map: null };
  },
};
