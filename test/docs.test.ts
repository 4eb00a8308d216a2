import { expect, it } from "vitest";
import reference from "../docs/api.md?raw";
import promises from "../docs/guides/promises.md?raw";
import { ERRORS } from "../src/platform/errors";
import { BODY_LIMIT } from "../src/http/body";
import { TIMEOUT_MS } from "../src/pipeline/delivery/send";
import config from "../wrangler.toml?raw";

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

it("promises the limits that hold", () => {
  const rows = promises.split("\n").filter((line) => line.startsWith("| "));
  const told = new Map(rows.map((row) => [row.split(" | ")[0]?.slice(2), row]));
  const variable = (name: string) => new RegExp(`^${name} = "(\\d+)"$`, "m").exec(config)?.[1];
  const most = (code: keyof typeof ERRORS) => /\d+/.exec(ERRORS[code][1])?.[0];
  const kept = ["USAGE_DAYS", "NETWORK_LOG_DAYS", "AUDIT_DAYS"].map(variable);
  const limits = {
    "calls of a key": `| ${variable("RATE_LIMIT_PER_MINUTE")} a minute`,
    "the feed": `[${variable("FEED_DAYS")} days]`,
    "a body": `| ${BODY_LIMIT / 1024} KB`,
    "keys, webhooks, tags of an account": `| ${most("key_limit_reached")}, ${most("webhook_limit_reached")}, ${most("tag_limit_reached")} |`,
    "a receiver's answer": `within ${TIMEOUT_MS / 1000} seconds`,
    "usage records, network events, audit log": `for ${kept[0]}, ${kept[1]} and ${kept[2]} days`,
  };
  const wrong = Object.entries(limits).filter(([what, limit]) => !told.get(what)?.includes(limit));
  expect(wrong).toEqual([]);
});
