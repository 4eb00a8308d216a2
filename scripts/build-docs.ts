import { join } from "node:path";
import { buildDocument } from "../openapi/document";
import { writeSite } from "./docs/site";
import { ROOT } from "./start/wrangler";

writeSite(join(ROOT, "public"), JSON.stringify(buildDocument()));
