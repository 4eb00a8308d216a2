import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll } from "vitest";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const open: { browser: BrowserContext; folder: string }[] = [];

afterAll(async () => {
  for (const { browser, folder } of open) {
    await browser.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** An empty page of Debian's Chromium that knows nothing of earlier ones; it is closed when the file's tests have run. */
export async function givenPage(): Promise<Page> {
  const folder = await mkdtemp(join(tmpdir(), "simplane-browser-"));
  const browser = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    args: ARGUMENTS,
  });
  open.push({ browser, folder });
  return browser.newPage();
}
