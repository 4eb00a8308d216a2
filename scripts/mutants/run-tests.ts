import { resolve } from "node:path";
import { createVitest, type Reporter } from "vitest/node";
import { workers } from "../../vitest.config";
import { mutantPlugin, setMutant } from "./plugin";
import type { Mutant } from "./read-list";

/** Tests in workerd that run again and again in one process. */
export interface Tests {
  /** Names what fails with the mutant applied in these files or folders (none: in all): a test, or a module that does not load. */
  failure: (mutant: Mutant, files: string[]) => Promise<string | undefined>;
  close: () => Promise<void>;
}

/** Starts vitest, which stops at the first test that fails. */
export async function startTests(): Promise<Tests> {
  let failures: string[] = [];
  const collect: Reporter = {
    onTestCaseResult(test) {
      if (test.result().state === "failed") failures.push(test.fullName);
    },
    onTestModuleEnd(module) {
      // One that does not load has no tests.
      if (module.errors().length > 0) failures.push(module.moduleId);
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
      return (
        failures[0] ?? (unhandledErrors.length > 0 ? "an error outside of the tests" : undefined)
      );
    },
    close: () => vitest.close(),
  };
}
