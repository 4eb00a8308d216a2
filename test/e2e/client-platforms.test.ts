import { randomInt } from "node:crypto";
import { createServer } from "node:http";
import { build } from "esbuild";
import { expect, inject, it } from "vitest";
import { givenPlan } from "../client/given-plan";
import { resultOf, tour } from "../client/tour";
import { givenPage } from "./support/browser";
import { givenAccount } from "./support/given-account";
import { listen } from "./support/receiver";

const { url: baseUrl } = inject("server");

function newPlan() {
  const first = randomInt(200_000_000, 900_000_000);
  return givenPlan([first, first + 1, first + 2].map(String));
}

it("runs on Node", async () => {
  const { key } = await givenAccount();
  const plan = newPlan();
  expect(await tour({ baseUrl, key }, plan)).toEqual(resultOf(plan, baseUrl));
});

it("runs in a browser, on a page of another site", async () => {
  const { key } = await givenAccount();
  const plan = newPlan();
  const script = await bundled("test/client/tour.ts");
  const site = createServer((_, response) => response.end("<!doctype html><title>site</title>"));
  const page = await givenPage();
  await page.goto(`http://127.0.0.1:${await listen(site)}/`);
  await page.addScriptTag({ content: script });
  const given = JSON.stringify([{ baseUrl, key }, plan]);
  expect(await page.evaluate(`program.tour(...${given})`)).toEqual(resultOf(plan, baseUrl));
});

/** A program as one script, that a page can hold. */
async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "program",
    platform: "browser",
  });
  return outputFiles[0]?.text ?? "";
}
