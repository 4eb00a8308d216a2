import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildDocument } from "../src/openapi/document";
import { ROOT } from "./start/wrangler";

const folder = join(ROOT, "public");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "openapi.json"), JSON.stringify(buildDocument()));
