import { join } from "node:path";
import { buildOnce } from "./build-once";
import { bundleCli } from "./bundle-cli";
import { ROOT } from "./start/wrangler";

const CLI = join("dist", "cli.js");

await buildOnce(
  {
    made: [CLI],
    sources: [
      "package.json",
      "package-lock.json",
      "{client,cli}/**/*.{ts,json}",
      "scripts/bundle-cli.ts",
    ],
    note: join("dist", "cli.built-from"),
  },
  () => bundleCli(join(ROOT, CLI)),
);
