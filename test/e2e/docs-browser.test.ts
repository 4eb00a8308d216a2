import type { Page } from "playwright-core";
import { expect, inject, it } from "vitest";
import { ERRORS } from "../../src/platform/errors";
import { givenPage, open } from "./support/browser";
import { givenAccount } from "./support/given-account";
import { request } from "./support/request";

const { url } = inject("server");

/** What a page does that it must not: calls of other servers, and errors, those against its policy among them. */
function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on("request", (sent) => {
    if (!/^(data|blob):/.test(sent.url()) && new URL(sent.url()).origin !== url)
      faults.push(`calls ${sent.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("pageerror", (error) => void faults.push(error.message));
  return faults;
}

it("tries a call of the reference with a key, and shows its answer", async () => {
  const account = await givenAccount();
  const sim = await account.givenSim({ alias: "harbour 7" });
  const page = await givenPage();
  const faults = faultsOf(page);

  await open(page, `${url}/docs`);
  await page.locator(".scalar-password-input:visible").first().fill(account.key);
  await page.getByRole("button", { name: /^SIMs Open/ }).click();
  await page.getByRole("button", { name: /^List SIMs/ }).click();
  await page.getByRole("button", { name: "Test Request (get /sims)" }).click();
  await page.getByRole("button", { name: /^Send get request/ }).click();

  const answer = page.getByRole("dialog").locator(".cm-content", { hasText: `"${sim}"` });
  await answer.waitFor();
  expect(await answer.innerText()).toContain('"label": "harbour 7"');
  expect(faults).toEqual([]);
});

it("tries a call of the operator's with the operator's key in the same field", async () => {
  const page = await givenPage();
  await open(page, `${url}/docs`);
  await page.locator(".scalar-password-input:visible").first().fill(inject("server").operatorKey);
  await page.getByRole("button", { name: /^Operator: accounts Open/ }).click();
  await page.getByRole("button", { name: /^List accounts/ }).click();
  await page.getByRole("button", { name: "Test Request (get /operator/accounts)" }).click();
  await page.getByRole("button", { name: /^Send get request/ }).click();
  const answer = page.getByRole("dialog").locator(".cm-content", { hasText: '"accounts"' });
  await answer.waitFor();
  expect(await answer.innerText()).not.toContain("operator_only");
});

it("keeps no key in the browser", async () => {
  const { key } = await givenAccount();
  const page = await givenPage();
  await open(page, `${url}/docs`);
  await page.locator(".scalar-password-input:visible").first().fill(key);
  await page.getByRole("button", { name: /^SIMs Open/ }).click();
  const kept = await page.evaluate(
    "JSON.stringify([localStorage, sessionStorage, document.cookie])",
  );
  expect(kept).not.toContain(key);
});

// Once more where the browser lost sight of the page that took the first one's place.
it("leads from an error's Link to its sentence", { retry: 2 }, async () => {
  const { headers } = await request("GET", "/sims");
  const link = /<(.+)>; rel="help"/.exec(String(headers["link"]))?.[1] ?? "";
  const page = await givenPage();
  const faults = faultsOf(page);

  // The page leads on while it loads.
  await page.goto(link, { waitUntil: "commit" });
  const told = (code: "unauthorized" | "alias_conflict") =>
    page.locator("tr:target", { hasText: ERRORS[code][1] });
  await told("unauthorized").waitFor();
  expect(page.url()).toBe(`${url}/docs/errors#unauthorized`);

  await open(page, `${url}/docs`);
  await page.evaluate("location.hash = 'alias_conflict'");
  await told("alias_conflict").waitFor();
  expect(page.url()).toBe(`${url}/docs/errors#alias_conflict`);
  expect(faults).toEqual([]);
});

it("opens every page on a telephone too, none wider than it", async () => {
  const page = await givenPage();
  const faults = faultsOf(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await open(page, `${url}/docs/start`);
  const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  const pages = await Promise.all(
    (await links.all()).map(async (link) => ({
      name: await link.innerText(),
      path: await link.getAttribute("href"),
    })),
  );
  expect(pages.length).toBeGreaterThan(10);

  for (const { name, path } of pages) {
    await open(page, `${url}${path}`);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(name);
    const width: unknown = await page.evaluate("document.documentElement.scrollWidth");
    expect({ name, width }).toEqual({ name, width: 390 });
  }
  expect(faults).toEqual([]);
});

it("leads from http to https, other than on one's own machine", async () => {
  const page = await givenPage();
  const asked: string[] = [];
  await page.route("**/*", async (route) => {
    const { protocol, host, pathname } = new URL(route.request().url());
    if (route.request().isNavigationRequest()) asked.push(`${protocol}//${host}${pathname}`);
    await route.fulfill({ response: await route.fetch({ url: `${url}${pathname}` }) });
  });
  await page.goto("http://simplane.example/docs");
  await page.waitForURL("https://simplane.example/docs");
  expect(asked).toEqual(["http://simplane.example/docs", "https://simplane.example/docs"]);
  // What the page still loads ends with it.
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

it("has room for its words on a desktop", async () => {
  const page = await givenPage();
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const path of ["/docs/catch-up", "/docs/no-such-page"]) {
    await open(page, `${url}${path}`);
    const header = await page.evaluate("document.querySelector('header').scrollWidth");
    const main: unknown = await page.evaluate("document.querySelector('main').clientWidth > 600");
    expect({ path, header, main }).toEqual({ path, header: 1280, main: true });
  }
});
