import { expect, inject, it } from "vitest";
import { cliOf } from "../support/cli";
import { report, usageOf } from "../support/events";
import { givenAccount, newSimId } from "../support/given-account";
import { eventually, givenReceiver } from "../support/receiver";

it.concurrent("makes, changes and deletes a webhook, and shows what was delivered", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  const receiver = await givenReceiver();
  const create = ["webhooks", "create", receiver.url, "--retry", "standard", "--label", "mine"];
  const [made] = await cli.json(...create);
  expect(made).toMatchObject({ retry: "standard", label: "mine", secret: expect.any(String) });
  const id = String(made?.["id"]);

  expect(await cli.output("webhooks", "deliveries", id)).toBe("No deliveries.\n");
  await report(usageOf(await acme.givenSim()));
  await eventually(async () =>
    expect(await cli.json("webhooks", "deliveries", id)).toMatchObject([
      { status: "accepted", response_status: 200 },
    ]),
  );

  const update = ["webhooks", "update", id, "--active", "false", "--exclude", "location"];
  expect(await cli.json(...update)).toMatchObject([
    { active: false, exclude_types: ["location"], retry: "standard" },
  ]);
  expect((await cli.run("webhooks", "update", id, "--exclude", "sms")).code).not.toBe(0);
  expect(await cli.output("webhooks", "update", id, "--exclude", "none")).toMatch(
    /^exclude_types +\[\]$/m,
  );
  const second = await cli.output("webhooks", "create", receiver.url);
  const other = /^id +(\S+)$/m.exec(second)?.[1] ?? "";
  expect(await cli.json("webhooks", "delete", other)).toEqual([{ message: "OK" }]);
  expect(await cli.output("webhooks", "delete", id)).toBe(`Deleted ${id}.\n`);
  expect(await cli.output("webhooks", "list")).toBe("No webhooks.\n");
});

it.concurrent("makes, finds and deletes a SIM, with tags and the audit log", async () => {
  const cli = cliOf(await givenAccount());
  const id = newSimId();
  expect(await cli.output("sims", "create", id, "--label", "harbour crane")).toBe(`Made ${id}.\n`);
  expect(await cli.json("sims", "find", "crane")).toMatchObject([{ id, label: "harbour crane" }]);
  const [tag] = await cli.json("tags", "create", "boats");
  expect(await cli.output("tags", "create", "cranes", "--color", "#00ff00")).toMatch(
    /^name +cranes$/m,
  );
  expect(await cli.output("tags", "list")).toContain("boats");
  expect(await cli.json("tags", "list")).toHaveLength(2);
  expect(await cli.output("sims", "find", "crane")).toContain(id);
  const another = newSimId();
  expect(await cli.json("sims", "create", another)).toEqual([{ message: "OK" }]);
  expect(await cli.json("sims", "delete", another)).toEqual([{ message: "OK" }]);
  const cranes = (await cli.json("tags", "list")).find(({ name }) => name === "cranes");
  expect(await cli.json("tags", "delete", String(cranes?.["id"]))).toEqual([{ message: "OK" }]);
  expect(await cli.output("tags", "delete", String(tag?.["id"]))).toMatch(/^Deleted/);
  expect(await cli.output("sims", "delete", id)).toBe(`Deleted ${id}.\n`);
  const audit = await cli.json("audit", "--sim", id);
  expect(audit.map(({ action }) => action)).toEqual(["sim.deleted", "sim.created"]);
  expect(await cli.output("audit", "--action", "tag", "--limit", "1")).toContain("tag.deleted");
});

it.concurrent("gives a SIM to its owner, with what waited for it", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme, { SIMPLANE_OPERATOR_KEY: inject("server").operatorKey });
  const id = newSimId();
  await report(usageOf(id));
  await eventually(async () =>
    expect(await cli.output("events", "unmatched", "--limit", "1000")).toContain(id),
  );
  expect(await cli.output("sims", "give", id, "--account", acme.id)).toBe(
    `${id} is the SIM of ${acme.id}.\n`,
  );
  await eventually(async () =>
    expect(await cli.output("events", "unmatched", "--limit", "1000")).not.toContain(id),
  );
  expect(await cli.json("events", "retry", "--sim", id)).toMatchObject([{ retried: 0 }]);
  expect(await cli.output("events", "retry", "--sim", id)).toBe("0 tried again\n");
  const unmatched = await cli.json("events", "unmatched", "--limit", "1000");
  expect(unmatched.filter(({ event }) => JSON.stringify(event).includes(id))).toEqual([]);
  const give = ["sims", "give", id, "--account", acme.id];
  expect(await cli.json(...give)).toEqual([{ issued: 1, rejected: [] }]);
  expect(await cli.output("health")).toMatch(/^ok +true$/m);
  expect((await cli.run("sims", "give", id, "--account", "nobody")).code).toBe(1);
  expect(await cli.json("health")).toMatchObject([{ ok: true }]);
});
