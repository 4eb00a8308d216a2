import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, errors, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

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

/** A machine that does much else at once is not what a story is about. */
const TIMEOUT_MS = 90_000;

/** An empty page of Debian's Chromium that knows nothing of earlier ones; it is closed when its test has ended. */
export async function givenPage(): Promise<Page> {
  const folder = await mkdtemp(join(tmpdir(), "simplane-browser-"));
  const browser = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    args: ARGUMENTS,
  });
  onTestFinished(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  browser.setDefaultTimeout(TIMEOUT_MS);
  return browser.newPage();
}

const LOAD_MS = 30_000;
const TRIES = 3;

/** Opens an address. Once more where the page waits in vain: the development server's proxy may lose a part of it. */
export async function open(page: Page, address: string): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      await page.goto(address, { timeout: LOAD_MS });
      return;
    } catch (error) {
      if (!(error instanceof errors.TimeoutError) || tries === TRIES) throw error;
    }
}
