import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { writeIfChanged } from "../../scripts/client-types/write-if-changed";

it("leaves a file that a running server watches alone, unless its text changes", () => {
  const folder = mkdtempSync(join(tmpdir(), "simplane-built-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "schema.ts");
  writeFileSync(file, "as it was");
  utimesSync(file, 1, 1);
  writeIfChanged(file, "as it was");
  expect(statSync(file).mtimeMs).toBe(1000);
  writeIfChanged(file, "changed");
  expect(readFileSync(file, "utf8")).toBe("changed");
  writeIfChanged(join(folder, "new.ts"), "new");
  expect(readFileSync(join(folder, "new.ts"), "utf8")).toBe("new");
});

it("is not built again from the same files: npm asks for it at the first npx and at each installation", async () => {
  const run = promisify(execFile);
  const build = async () => {
    for (const script of ["scripts/build-client.ts", "scripts/build-cli.ts"])
      await run(process.execPath, ["node_modules/tsx/dist/cli.mjs", script]);
    return ["client/dist/index.js", "dist/cli.js"].map((file) => statSync(file).mtimeMs);
  };
  const first = await build();
  expect(await build()).toEqual(first);
});
