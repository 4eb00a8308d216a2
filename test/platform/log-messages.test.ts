import { expect, it } from "vitest";
import page from "../../docs/operations.md?raw";
import { MESSAGES } from "../../src/platform/log";

const sources = import.meta.glob<string>("../../src/**/*.ts", {
  query: "?raw",
  import: "default",
  eager: true,
});

it("lists every message of the log, and no other", () => {
  const [, rest = ""] = page.split("### Every message");
  const [table = ""] = rest.split("\n## ");
  const rows = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message]) => message);
  expect(rows).toEqual(MESSAGES);
});

it("knows no message that nothing writes", () => {
  const { "../../src/platform/log.ts": _, ...others } = sources;
  const text = Object.values(others).join("\n");
  expect(Object.keys(others).length).toBeGreaterThan(150);
  expect(MESSAGES.filter((message) => !text.includes(`"${message}"`))).toEqual([]);
});

it("writes to the console in one place", () => {
  const writing = Object.entries(sources).filter(([, text]) => /\bconsole\b *[.[]/.test(text));
  expect(writing.map(([path]) => path)).toEqual(["../../src/platform/log.ts"]);
});
