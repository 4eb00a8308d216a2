import { expect, it } from "vitest";
import reference from "../docs/api.md?raw";
import { ERRORS } from "../src/errors";

it("lists every error code with its status and sentence, and no other", () => {
  const [, table = ""] = reference.split("## Error codes");
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows).toEqual(
    Object.entries(ERRORS).map(
      ([code, [status, sentence]]) => `| \`${code}\` | ${status} | ${sentence} |`,
    ),
  );
});

it("names no error code that does not exist", () => {
  const named = reference.matchAll(
    /`([a-z]+(?:_[a-z]+)*_(?:invalid|forbidden|not_found|conflict|in_use))`/g,
  );
  const unknown = [...named].map(([, code = ""]) => code).filter((code) => !(code in ERRORS));
  expect(unknown).toEqual([]);
});
