import { randomInt } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { seed } from "../../scripts/start/seed";
import { createClient } from "../../client";
import { blocksOf } from "./guides/blocks";
import { faultOf, wranglerCallsIn } from "./guides/cloudflare";
import { follow } from "./guides/follow";
import { openTerminal } from "./guides/shell";
import { givenAccount } from "./support/given-account";
import { eventually, listen } from "./support/receiver";
import { listIn } from "./support/request";

const GUIDES = ["start", "authenticate", "receive", "catch-up", "errors", "promises", "deploy"].map(
  (name) => `docs/guides/${name}.md`,
);
const FOLLOWED = [...GUIDES, "docs/operations.md"];

describe("what the guides say is so", () => {
  const server = inject("server");
  let account: Awaited<ReturnType<typeof givenAccount>>;
  const folders: string[] = [];

  beforeAll(async () => {
    account = await givenAccount();
    const as = (key: string) => createClient({ baseUrl: server.url, key });
    await seed(as(server.operatorKey), as(account.key), account.id, Date.now());
    // Guides tell what comes after by whole seconds: the demo's events are to lie before.
    await eventually(async () => {
      const since = `${new Date().toISOString().slice(0, 19)}Z`;
      const events = listIn(await account.call("GET", `/events?since=${since}`), "events");
      if (events.length > 0) throw new Error("the demo's last events are of this second");
    });
  });

  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  /** Its text, with the addresses and the SIM of this test in place of those that everybody has. */
  async function textOf(file: string, port: number): Promise<string> {
    const sim = String(randomInt(200_000_000, 1_000_000_000));
    return (await readFile(file, "utf8"))
      .replaceAll("http://localhost:8787", server.url)
      .replaceAll("npm run receiver --", `npm run receiver -- --port ${port}`)
      .replaceAll(/\b9999\b/g, String(port))
      .replaceAll(/\b192837465\b/g, sim);
  }

  async function givenReader() {
    // Below the repository: what a guide saves as a file finds the packages.
    await mkdir(".wrangler", { recursive: true });
    const folder = await mkdtemp(join(".wrangler", "guide-"));
    folders.push(folder);
    const probe = createServer();
    const port = await listen(probe);
    probe.close();
    return { folder, port, key: account.key, operatorKey: server.operatorKey, given: "" };
  }

  it("README.md, in five minutes", async () => {
    const reader = await givenReader();
    const [, minutes = ""] = (await textOf("README.md", reader.port)).split("\n## Five minutes\n");
    const blocks = blocksOf(minutes.split("\n## ")[0] ?? "");
    expect(blocks.length).toBeGreaterThan(5);
    await follow(blocks, reader);
  });

  it.each(FOLLOWED)("%s", async (file) => {
    const reader = await givenReader();
    const text = await textOf(file, reader.port);
    // The long pages say so once, and do not export them.
    const { url, operatorKey } = server;
    if (text.includes("The examples use `$API`"))
      reader.given = `export API='${url}' KEY='${account.key}' OPERATOR_KEY='${operatorKey}'`;
    const blocks = blocksOf(text);
    expect(blocks.length).toBeGreaterThan(0);
    await follow(blocks, reader);
    const terminal = await openTerminal(reader.folder);
    const written = (await readdir(reader.folder)).filter((name) => name.endsWith(".ts"));
    for (const name of written)
      await terminal.run(
        `npx tsc --ignoreConfig --noEmit --strict --noUncheckedIndexedAccess --skipLibCheck --target esnext --module nodenext --types node ${name}`,
      );
  });

  it("what needs an account of Cloudflare is such as wrangler takes", async () => {
    const texts = await Promise.all(FOLLOWED.map((file) => readFile(file, "utf8")));
    const blocks = texts.flatMap(blocksOf).filter(({ label }) => label === "cloudflare");
    const calls = (await Promise.all(blocks.map(({ text }) => wranglerCallsIn(text)))).flat();
    // One of each kind: wrangler takes its time.
    const kinds = new Map(calls.map((words) => [words.slice(0, 2).join(" "), words]));
    for (const words of kinds.values()) expect(await faultOf(words)).toBeUndefined();
  });

  it("runs every guide there is", async () => {
    const guides = (await readdir("docs/guides")).map((name) => `docs/guides/${name}`);
    expect(guides.toSorted()).toEqual(GUIDES.toSorted());
  });
});
