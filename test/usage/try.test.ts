import { it } from "vitest";
import { givenAccount } from "../support/given-account";
import { givenUsage } from "./given-usage";
import { countingD1 } from "../support/counting";
it("tries", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage(
    { sim_id, time: new Date(Date.now() - 1000).toISOString() },
    { sim_id, time: "2026-03-10 12:00:00" }, { sim_id, time: "2026-03-11 12:00:00", country_code: "de" });
  for (const path of ["/usage", `/usage/${sim_id}`, "/usage?filter=time:2026", "/usage?filter=time:2026&limit=2", "/usage?filter[]=time:2026&filter[]=country_code:DK",
    "/usage?filter=time:2026&group=hours", "/usage?filter=time:2026&group=days","/usage?filter=time:2026&group=months","/usage?filter=time:2026&group=sim","/usage?filter=time:2026&group=country","/usage?filter=time:2026&group=network",
    ...["hours","days","months","sim","country","network"].map((g) => `/usage/${sim_id}?filter=time:2026&group=${g}&limit=2`),
    "/usage?filter=time:2026-02-30", "/usage?group=x", "/usage?offset=3", "/usage?limit=x", "/usage/1", "/usage/999999999"]) {
    const { counts, d1 } = countingD1();
    const a = await acme.call("GET", path, undefined, { env: { DB: d1 } });
    console.log(path, a.status, a.text.slice(0, 700), JSON.stringify(counts));
  }
});
