import { resolve } from "node:path";
import { createVitest, type Reporter } from "vitest/node";
import { workers } from "../../vitest.config";
import { mutantPlugin, setMutant } from "./plugin";
import type { Mutant } from "./read-list";

/** What notices a mutant: a test that fails. A module that does not load says nothing about the tests: the mutant is broken. */
export interface Failure {
  kind: "test" | "load";
  /** The test's full name, or the file of the module. */
  name: string;
}

/** Tests in workerd that run again and again in one process. */
export interface Tests {
  /** The first failure with the mutant applied in these files or folders (none: in all); a module that does not load comes first. */
  failure: (mutant: Mutant, files: string[]) => Promise<Failure | undefined>;
  close: () => Promise<void>;
}

/** Starts vitest, which stops at the first test that fails. */
export async function startTests(): Promise<Tests> {
  let failures: Failure[] = [];
  const collect: Reporter = {
    onTestCaseResult(test) {
      if (test.result().state === "failed") failures.push({ kind: "test", name: test.fullName });
    },
    onTestModuleEnd(module) {
      if (module.errors().length === 0) return;
      // One that does not load has no tests; in one that has some, a hook failed.
      const isLoaded = module.children.allTests().next().done === false;
      failures.push({ kind: isLoaded ? "test" : "load", name: module.moduleId });
    },
  };
  const vitest = await createVitest("test", {
    config: false,
    projects: [{ ...workers, plugins: [...workers.plugins, mutantPlugin] }],
    watch: true,
    bail: 1,
    // Quiet: most runs are meant to fail.
    reporters: [collect],
  });
  await vitest.standalone();
  return {
    async failure(mutant, files) {
      setMutant(mutant);
      vitest.invalidateFile(resolve(mutant.file));
      const specifications = await vitest.globTestSpecifications(files);
      if (specifications.length === 0) throw new Error(`no tests in ${files.join(" ")}`);
      failures = [];
      const { unhandledErrors } = await vitest.runTestSpecifications(specifications);
      setMutant(undefined);
      vitest.invalidateFile(resolve(mutant.file));
      if (unhandledErrors.length > 0)
        failures.push({ kind: "test", name: "an error outside of the tests" });
      return failures.find(({ kind }) => kind === "load") ?? failures[0];
    },
    close: () => vitest.close(),
  };
}
