import { expect, it } from "vitest";
import { cliOf, objectsIn } from "../support/cli";
import { usageOf } from "../support/events";
import { givenAccount } from "../support/given-account";

it.concurrent("reports events, and shows them as they come until Ctrl-C", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  const id = await acme.givenSim();
  const people = cli.start("events", "tail");
  const programs = cli.start("events", "tail", "--json", "--since", "1m", "--type", "location");

  await people.stderrHas("Waiting for events.\n");
  const where = ["--sim", id, "--country", "dk"];
  const usage = ["--type", "usage", "--upload", "3MB", "--time", "2026-11-25T01:02:03Z"];
  expect(await cli.output("events", "send", ...where, ...usage)).toBe("1 accepted, 0 rejected\n");
  const device = ["--imei", "123456789012345", "--at", "55.68,-12.5"];
  expect(await cli.json("events", "send", ...where, "--type", "location", ...device)).toEqual([
    { accepted: 1, rejected: 0 },
  ]);

  await people.stdoutHas(
    `2026-11-25 01:02:03  usage                   ${id}  dk, 3.0 MB up, 0 B down, finalize\n`,
  );
  await people.stdoutHas("dk, IMEI 123456789012345, at 55.68, -12.5\n");
  await programs.stdoutHas("\n");
  expect(await people.interrupt()).toMatchObject({ code: 0, stderr: "Waiting for events.\n" });
  const { code, stdout } = await programs.interrupt();
  expect(code).toBe(0);
  expect(objectsIn(stdout)).toMatchObject([
    { type: "location", data: { sim_id: id, location: { lat: 55.68, lng: -12.5 } } },
  ]);
});

it.concurrent("leaves out nothing of what is typed without saying so", async () => {
  const cli = cliOf(await givenAccount());
  const wrong = async (...args: string[]) => {
    const { code, stderr } = await cli.run("events", "send", ...args);
    expect(code).toBe(2);
    return stderr;
  };
  const usage = ["--sim", "192837465", "--type", "usage"];
  expect(await wrong(...usage, "--imei", "123456789012345")).toContain("has no --imei");
  const location = ["--sim", "192837465", "--type", "location"];
  expect(await wrong(...location, "--upload", "5MB")).toContain("has no --upload");
  expect(await wrong("--file", "-", "--sim", "192837465")).toContain("no other option");
});

it.concurrent("reports a file of events, and says which lines are rejected", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const good = JSON.stringify(usageOf(id));
  const many = Array.from({ length: 1_500 }, () => good);
  const { code, stdout, stderr } = await cliOf(acme).runWith(
    [...many, "nonsense", "", '{"type":"usage"}', good].join("\n"),
    "events",
    "send",
    "--file",
    "-",
  );
  expect(code).toBe(5);
  expect(stdout).toMatch(
    /^line 1501: event_invalid: .+\nline 1503: time_invalid: time: expected .+, got nothing\n1501 accepted, 2 rejected\n$/,
  );
  expect(stderr).toBe("simplane: 2 of 1503 events rejected.\n");
});
