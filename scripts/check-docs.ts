import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import { oas } from "@stoplight/spectral-rulesets";
import { buildDocument } from "../openapi/document";
import { existsSync, readFileSync } from "node:fs";
import { CONSTANTS_FILE, constantsFile } from "./docs/constants";
import { limitsPage } from "./docs/limits";
import { NOTICES_FILE, noticesPage } from "./docs/notices";

// The API's document by the usual rules of two linters: neither may have anything to say. Tables made from the code are as the code is.
const source = JSON.stringify(buildDocument());
const said = [...(await byRedocly()), ...(await bySpectral()), ...(await byCode())];
for (const line of said) console.error(line);
if (said.length > 0) process.exitCode = 1;

async function byCode(): Promise<string[]> {
  const { is, mustBe } = limitsPage();
  const constants = existsSync(CONSTANTS_FILE) ? readFileSync(CONSTANTS_FILE, "utf8") : "";
  const notices = existsSync(NOTICES_FILE) ? readFileSync(NOTICES_FILE, "utf8") : "";
  return [
    ...(is === mustBe
      ? []
      : ["docs/limits.md is not what src/limits.ts says: run npm run generate"]),
    ...(constants === constantsFile()
      ? []
      : ["client/constants.ts is not what src/ says: run npm run generate"]),
    ...(notices === (await noticesPage())
      ? []
      : ["THIRD_PARTY_NOTICES is not what the packages say: run npm run generate"]),
  ];
}

async function byRedocly(): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lintFromString({ source, config, absoluteRef: "openapi.json" });
  return problems.map(({ ruleId, message, location }) => {
    return `Redocly ${ruleId}: ${message} (${location[0]?.pointer})`;
  });
}

async function bySpectral(): Promise<string[]> {
  const linter = new spectral.Spectral();
  linter.setRuleset(new spectral.Ruleset(oas, { severity: "recommended" }));
  const problems = await linter.run(source);
  return problems.map(({ code, message, path }) => {
    return `Spectral ${code}: ${message} (${path.join("/")})`;
  });
}
