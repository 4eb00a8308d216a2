import { writeFileSync } from "node:fs";
import { LIMITS_FILE, limitsPage } from "./docs/limits";
import { NOTICES_FILE, noticesPage } from "./docs/notices";

// What documents take from the code; scripts/check-docs.ts refuses what was not written again.
writeFileSync(LIMITS_FILE, limitsPage().mustBe);
writeFileSync(NOTICES_FILE, await noticesPage());
