import { resolve } from "node:path";
import { createVitest } from "vitest/node";
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
  const vitest = await createVitest("test", {
    config: false,
    projects: [{ ...workers, plugins: [...workers.plugins, mutantPlugin] }],
    watch: true,
    bail: 1,
    // Quiet: most runs are meant to fail.
    reporters: [{}],
  });
  await vitest.standalone();
  return {
    async failure(mutant, files) {
      setMutant(mutant);
      vitest.invalidateFile(resolve(mutant.file));
      const specifications = await vitest.globTestSpecifications(files);
      if (specifications.length === 0) throw new Error(`no tests in ${files.join(" ")}`);
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
      setMutant(undefined);
      vitest.invalidateFile(resolve(mutant.file));
      const failed = testModules.filter((module) => module.state() === "failed");
      const [test] = failed.flatMap((module) => [...module.children.allTests("failed")]);
      return (
        test?.fullName ??
        failed[0]?.moduleId ??
        (unhandledErrors.length > 0 ? "the run" : undefined)
      );
    },
    close: () => vitest.close(),
  };
}
