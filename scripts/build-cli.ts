import { join } from "node:path";
import { bundleCli } from "./bundle-cli";
import { ROOT } from "./start/wrangler";

await bundleCli(join(ROOT, "dist", "cli.js"));
