// As one file they share one bundle of the program.
// oxlint-disable import/no-unassigned-import
import "./cli/changes";
import "./cli/documented";
import "./cli/errors";
import "./cli/events";
import "./cli/keys";
import "./cli/pipes";
import "./cli/sim-files";
import "./cli/sims";
import "./cli/usage";
import "./cli/webhooks";
import { expect, it } from "vitest";
import { COMMANDS, ran } from "./support/cli";

// Not concurrent, so after all of those.
it("tells a story of every command, for people and for programs", () => {
  const forPrograms = COMMANDS.filter((command) => command !== "completion");
  expect([...ran].toSorted()).toEqual(
    [...COMMANDS, ...forPrograms.map((command) => `${command} --json`)].toSorted(),
  );
});
