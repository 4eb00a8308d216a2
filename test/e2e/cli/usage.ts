import { expect, it } from "vitest";
import { cliOf } from "../support/cli";
import { report, usageOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { eventually } from "../support/receiver";

it.concurrent("draws the days of a month, and sums by SIM and country", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  const id = await acme.givenSim();
  await report(
    usageOf(id, { time: "2026-02-01 01:00:00", upload: "1000", download: "3000" }),
    usageOf(id, { time: "2026-02-03 01:00:00", upload: "1500000", country_code: "se" }),
  );
  const days = ["usage", "--period", "2026-02"];
  await eventually(async () => expect(await cli.json(...days)).toHaveLength(2));

  const drawn = (await cli.output(...days)).split("\n");
  expect(drawn.slice(0, 4)).toEqual([
    "Usage of 2026-02 by days (UTC)",
    "2026-02-01  4.0 kB  ▏",
    "2026-02-02     0 B",
    `2026-02-03  1.5 MB  ${"█".repeat(60)}`,
  ]);
  expect(drawn.at(-2)).toBe("1.5 MB in all: 1.5 MB up, 3.0 kB down");
  expect(drawn).toHaveLength(1 + 28 + 2);

  expect(await cli.json(...days)).toMatchObject([
    { time: "2026-02-01 00:00:00", bytes: 4000, upload: "1000", download: "3000", records: 1 },
    { time: "2026-02-03 00:00:00", bytes: 1_500_000 },
  ]);
  expect(await cli.output(...days, "--by", "sim")).toContain(`\n${id}  1.5 MB  `);
  expect(await cli.output(...days, "--by", "hours", "--sim", id, "--country", "se")).toBe(
    `Usage of 2026-02 by hours (UTC)
2026-02-03 01:00  1.5 MB  ${"█".repeat(54)}
1.5 MB in all: 1.5 MB up, 0 B down
`,
  );
  expect(await cli.output("usage", "--period", "2025")).toContain("None.\n");
});
