import { expect, it } from "vitest";
import { verifyWebhook } from "../../../client";
import { cliOf, objectsIn } from "../support/cli";
import { report, usageOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { eventually, givenReceiver } from "../support/receiver";

it.concurrent("lists webhooks, and sends one a test event", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  expect(await cli.output("webhooks", "list")).toBe("No webhooks.\n");
  const hostile = "\u001b[31mred\u009b2J";
  const receiver = await givenReceiver((response, path) =>
    response.writeHead(path === "/usage" ? 204 : 422).end(path === "/usage" ? undefined : hostile),
  );
  const { id } = await acme.givenWebhook(`${receiver.url}/{type}`, { label: "mine" });

  expect(await cli.output("webhooks", "list")).toMatch(
    new RegExp(`^ID .*\\n${id}  ${receiver.url}/\\{type\\}  on +none +classic +mine\\n$`),
  );
  expect(await cli.json("webhooks", "list")).toMatchObject([{ id, active: true }]);

  expect(await cli.json("webhooks", "test", id)).toMatchObject([
    { accepted: true, response_status: 204 },
  ]);
  expect(await cli.output("webhooks", "test", id, "--type", "usage")).toMatch(/^accepted +true$/m);
  const refused = await cli.run("webhooks", "test", id, "--type", "location");
  expect(refused).toMatchObject({
    code: 1,
    stderr: "simplane: The endpoint did not accept the event.\n",
  });
  expect(refused.stdout).toContain(String.raw`\u001b[31mred\u009b2J`);
});

it.concurrent("replays what was sent, and counts it first", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  const receiver = await givenReceiver();
  const { id } = await acme.givenWebhook(receiver.url);
  await report(usageOf(await acme.givenSim()));
  await eventually(() => expect(receiver.calls).toHaveLength(1));

  const replay = ["webhooks", "replay", id, "--since", "1h"];
  expect(await cli.output(...replay, "--dry-run")).toBe("Events that would be sent again: 1\n");
  expect(await cli.json(...replay, "--type", "location")).toEqual([{ events: 0 }]);
  expect(await cli.output(...replay)).toBe("Events that are sent again: 1\n");
  await eventually(() => expect(receiver.calls).toHaveLength(2));
});

it.concurrent("listens, and sends each event on to a local address as a webhook would", async () => {
  const acme = await givenAccount();
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const cli = cliOf(acme, { SIMPLANE_WEBHOOK_SECRET: secret });
  const receiver = await givenReceiver((response, path) =>
    response.writeHead(path === "/usage" ? 204 : 500).end(),
  );
  const id = await acme.givenSim();
  const forward = ["--forward", `${receiver.url}/{type}`, "--since", "1m"];
  const people = cli.start("webhooks", "listen", ...forward, "--sim", id);
  const programs = cli.start("webhooks", "listen", "--json", "--since", "1m");
  await report(usageOf(id));

  await people.stdoutHas(`204         2018-01-01 01:23:45  usage                   ${id}  dk`);
  await programs.stdoutHas("\n");
  expect(await people.interrupt()).toMatchObject({ code: 0 });
  const { code, stdout } = await programs.interrupt();
  expect(code).toBe(0);
  expect(objectsIn(stdout)).toMatchObject([{ type: "usage", data: { sim_id: id } }]);
  const [call] = receiver.calls;
  expect(receiver.calls).toHaveLength(1);
  expect(
    await verifyWebhook({ headers: call?.headers ?? {}, body: call?.text ?? "" }, secret),
  ).toMatchObject({ type: "usage", data: { sim_id: id } });
});

it.concurrent("ends at once by Ctrl-C while the local address keeps it waiting", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const silent = await givenReceiver(() => undefined);
  const forward = ["--forward", silent.url, "--since", "1m"];
  await report(usageOf(id), { ...usageOf(id), bill_id: "another" });
  const listening = cliOf(acme).start("webhooks", "listen", ...forward);
  await eventually(() => expect(silent.calls).toHaveLength(1));
  // Cut off, and neither shown as refused nor followed by the next one.
  expect(await listening.interrupt()).toMatchObject({ code: 0, stdout: "" });
  expect(silent.calls).toHaveLength(1);
});

it.concurrent("sends on to no address that is none of http, or that holds a password", async () => {
  const cli = cliOf(await givenAccount());
  for (const forward of ["localhost:9999", "/here", "ftp://localhost/", "http://u:p@localhost/"]) {
    const { code, stderr } = await cli.run("webhooks", "listen", "--forward", forward);
    expect({ forward, code }).toEqual({ forward, code: 2 });
    expect(stderr).not.toContain("u:p");
  }
});

it.concurrent("goes on listening when the local address does not answer, and tells its secret", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const forward = ["--forward", "http://127.0.0.1:9/", "--since", "1m"];
  const listening = cliOf(acme).start("webhooks", "listen", ...forward, "--json");
  await listening.stderrHas("Signed with whsec_");
  await report(usageOf(id));
  await listening.stdoutHas('"failure":"connection"');
  expect((await listening.interrupt()).code).toBe(0);
});
