import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import { oas } from "@stoplight/spectral-rulesets";
import { buildDocument } from "../src/openapi/document";

// The API's document by the usual rules of two linters: neither may have anything to say.
const source = JSON.stringify(buildDocument());
const said = [...(await byRedocly()), ...(await bySpectral())];
for (const line of said) console.error(line);
if (said.length > 0) process.exitCode = 1;

async function byRedocly(): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended"] });
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
