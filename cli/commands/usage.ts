import { type Command, Option } from "@commander-js/extra-typings";
import type { components } from "../../client";
import { bars } from "../output/bars";
import { bytesText } from "../output/units";
import { printable } from "../output/printable";
import { period as asPeriod } from "../parse";
import type { OpenSession } from "../session";
import { isGrouped, labelOf, withEmptyDays } from "../usage-groups";

const GROUPS = ["hours", "days", "months", "sim", "country", "network"] as const;

/** What an account used, as bars. */
export function usage(program: Command, open: OpenSession): void {
  program
    .command("usage")
    .description("chart the usage of the SIMs, by day unless --by is given")
    .option("--period <time>", "a year, month or day in UTC: 2026-11 (this month)", asPeriod)
    .addOption(
      new Option("--by <group>", "a bar for each").choices(GROUPS).default("days" as const),
    )
    .option("--sim <sim>", "of one SIM, by its id or ICCID")
    .option("--country <code>", "in one country: two letters")
    .action(async ({ period, by: group, sim, country }) => {
      const { api, out } = open();
      const time = period ?? new Date().toISOString().slice(0, 7);
      const filter = { time, ...(country && { country_code: country }) };
      const query = { group, filter };
      const pages = sim
        ? api().pages("/usage/{sim_id}", { params: { path: { sim_id: sim }, query } })
        : api().pages("/usage", { params: { query } });
      const groups: components["schemas"]["UsageGroup"][] = [];
      let sums = { upload: "0", download: "0" };
      for await (const page of pages) {
        sums = page;
        for (const row of page.usage) if (isGrouped(row)) groups.push(row);
      }
      if (out.json) return out.list(groups, [], "");
      const rows = groups.map((row) => ({
        label: printable(labelOf(row, group)),
        bytes: row.bytes,
      }));
      // Times stay in their order; SIMs, countries and networks by their bytes.
      if (["sim", "country", "network"].includes(group)) rows.sort((a, b) => b.bytes - a.bytes);
      const all = group === "days" ? withEmptyDays(rows, time, new Date()) : rows;
      await out.line(`Usage of ${time} by ${group === "sim" ? "SIM" : group} (UTC)`);
      if (groups.length === 0) return out.line("None.");
      for (const line of bars(all, { width: out.width ?? 80, paint: out.colours.cyan }))
        await out.line(line);
      const { upload, download } = sums;
      const total = Number(upload) + Number(download);
      await out.line(
        `${bytesText(total)} in all: ${bytesText(Number(upload))} up, ${bytesText(Number(download))} down`,
      );
    });
}
