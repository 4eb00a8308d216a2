import { writeFileSync } from "node:fs";
import { CONSTANTS_FILE, constantsFile } from "./docs/constants";
import { LIMITS_FILE, limitsPage } from "./docs/limits";
import { NOTICES_FILE, noticesPage } from "./docs/notices";

// Files that are made from the code; scripts/check-docs.ts fails when one is stale.
writeFileSync(LIMITS_FILE, limitsPage().mustBe);
writeFileSync(CONSTANTS_FILE, constantsFile());
writeFileSync(NOTICES_FILE, await noticesPage());
