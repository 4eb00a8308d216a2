import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { explain, tell } from "../../cli/explain";
import { hasColours } from "../../cli/output/output";
import { redact } from "../../cli/redact";
import { readSettings } from "../../cli/settings";
import { ago, ahead, duration } from "../../cli/when";
import { createColors } from "picocolors";
import { PassThrough } from "node:stream";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder as `npm start` leaves it. */
function givenFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "simplane-cli-"));
  folders.push(folder);
  const state = join(folder, ".wrangler", "state");
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, "demo.json"), JSON.stringify({ key: "left-key" }));
  writeFileSync(join(folder, ".dev.vars"), 'OPERATOR_KEY="left-operator"\n');
  return folder;
}

describe("where the keys come from", () => {
  const env = { SIMPLANE_URL: "https://api.example.com/", SIMPLANE_KEY: "env-key" };

  it("is the option, else the environment", () => {
    expect(readSettings({}, env, "/none")).toMatchObject({ url: "https://api.example.com" });
    expect(readSettings({}, env, "/none").key()).toBe("env-key");
    expect(readSettings({ key: "given" }, env, "/none").key()).toBe("given");
  });

  it("is what npm start left, for a server on this machine", () => {
    const settings = readSettings({}, {}, givenFolder());
    expect(settings.url).toBe("http://localhost:8787");
    expect([settings.key(), settings.operatorKey()]).toEqual(["left-key", "left-operator"]);
  });

  it("is never what npm start left for a server elsewhere", () => {
    const settings = readSettings({ url: "https://api.example.com" }, {}, givenFolder());
    expect(settings.key).toThrow("No key: set SIMPLANE_KEY");
    expect(settings.operatorKey).toThrow("No key: set SIMPLANE_OPERATOR_KEY");
  });

  it.each([
    ["http://api.example.com", "only https keeps the key secret"],
    ["http://localhost.example.com", "only https keeps the key secret"],
    ["https://me:secret@api.example.com", "holds a name or a password"],
    ["api.example.com", "is no URL"],
    ["file:///etc/passwd", "is no URL"],
  ])("%s is refused before a key is sent", (url, sentence) => {
    expect(() => readSettings({ url }, {}, "/none")).toThrow(sentence);
  });

  it("does not tell a key that is none", () => {
    const settings = readSettings({ key: "se cret" }, {}, "/none");
    expect(settings.key).toThrow("visible ASCII only");
    expect(settings.key).not.toThrow("cret");
  });
});

describe("colours", () => {
  const pipe = new PassThrough();
  const terminal = Object.assign(new PassThrough(), { isTTY: true });

  it.each([
    ["on a terminal", terminal, {}, true],
    ["not on a dumb one", terminal, { TERM: "dumb" }, false],
    ["not where NO_COLOR says no", terminal, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
    ["not in a pipe", pipe, {}, false],
    ["in a pipe where FORCE_COLOR says so", pipe, { FORCE_COLOR: "1" }, true],
    ["not where FORCE_COLOR is 0", terminal, { FORCE_COLOR: "0" }, false],
    ["as if an empty NO_COLOR were not there", terminal, { NO_COLOR: "" }, true],
  ])("are there %s", (_, stream, env, expected) => {
    expect(hasColours(stream, env)).toBe(expected);
  });
});

describe("a failure", () => {
  it("of the network is told in a sentence", () => {
    const refused = new TypeError("fetch failed", {
      cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
    });
    expect(explain(refused)).toMatchObject({ exitCode: 3, error: "unreachable" });
    expect(explain(new DOMException("late", "TimeoutError"))).toMatchObject({ exitCode: 3 });
    expect(tell(explain(refused), false, createColors(false))).toContain("(ECONNREFUSED)");
  });

  it("tells no secret", () => {
    const key = `sp_${"x".repeat(40)}`;
    const text = `unknown option --kee=${key} whsec_abc+/= op_${"0".repeat(48)} own-secret`;
    expect(redact(text, ["own-secret", undefined, ""])).toBe(
      "unknown option --kee=*** *** *** ***",
    );
  });
});

describe("times", () => {
  const now = Date.parse("2026-11-25T12:00:00Z");

  it("are how long ago, in how long, or a time", () => {
    expect(ago("15m", now)).toBe("2026-11-25T11:45:00.000Z");
    expect(ahead("90d", now)).toBe("2027-02-23T12:00:00.000Z");
    expect(ago("2026-11-01", now)).toBe("2026-11-01");
    expect([duration("90"), duration("6h")]).toEqual([90, 21_600]);
    expect(() => duration("soon")).toThrow("like 90s, 15m");
  });
});
