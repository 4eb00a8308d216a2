import { expect, it } from "vitest";
import { cliOf } from "../support/cli";
import { givenAccount } from "../support/given-account";

it.concurrent("lists SIMs, filtered and sorted", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  expect(await cli.output("sims", "list")).toBe("No SIMs.\n");
  expect(await cli.json("sims", "list")).toEqual([]);
  const boat = await acme.givenSim({ alias: "boat" });
  const ant = await acme.givenSim({ alias: "ant" });
  await acme.call("PATCH", `/sims/${boat}`, { activated: false });

  expect(await cli.output("sims", "list", "--sort", "label")).toBe(
    `ID         LABEL  STATE    COUNTRY  MONTH  CONNECTOR  TAGS
${ant}  ant    offline  -          0 B  -          -
${boat}  boat   off      -          0 B  -          -
`,
  );
  expect(await cli.json("sims", "list", "--filter", "activated:false")).toMatchObject([
    { id: boat, label: "boat", activated: false },
  ]);
  expect(await cli.json("sims", "list", "--sort", "-label", "--limit", "1")).toMatchObject([
    { id: boat },
  ]);
});

it.concurrent("shows a SIM, and changes it", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  const id = await acme.givenSim();
  await acme.call("POST", "/tags", { name: "drones" });
  await acme.call("POST", "/network-whitelists", { name: "Nordics" });

  const set = ["--label", "boat", "--active", "false", "--network-whitelist", "Nordics"];
  const more = ["--imei-lock", "123456789012345", "--tag", "drones"];
  const limits = ["--data-limit", "500MB", "--alert-threshold", "400MB"];
  const [changed] = await cli.json("sims", "set", id, ...set, ...more, ...limits);
  expect(changed).toMatchObject({
    label: "boat",
    activated: false,
    network_whitelist: "Nordics",
    imei_lock: "123456789012345",
    tags: [{ name: "drones" }],
    data_limit: { total: 500_000_000, alert_threshold: 400_000_000 },
  });
  expect(await cli.json("sims", "get", id)).toEqual([changed]);
  expect(await cli.output("sims", "get", id)).toContain("label                boat\n");

  const none = ["--label", "none", "--tag", "none", "--imei-lock", "none"];
  expect(await cli.output("sims", "set", id, ...none)).toContain("label                -\n");
});
