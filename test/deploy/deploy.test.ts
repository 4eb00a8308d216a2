import { describe, expect, it } from "vitest";
import { givenDeployment } from "./given-deployment";

const KEY = /op_[0-9a-f]{48}/;
const QUEUES = [
  "events",
  "events-dead",
  "deliveries",
  "deliveries-slow",
  "deliveries-dead",
  "replays",
];

it("makes all there is to make in a fresh account", async () => {
  const { name, deploy, account, hasDraft } = givenDeployment();
  const { code, output, calls } = await deploy();
  expect(output).toContain(`Deployed to https://${name}.acme.workers.dev`);
  expect(code).toBe(0);
  expect(calls).toEqual([`d1 create ${name}`, "d1 migrations apply DB", "deploy"]);
  const { databases, queues, workers } = account();
  expect(databases).toEqual([name]);
  expect(queues.toSorted()).toEqual(QUEUES.map((queue) => `${name}-${queue}`).toSorted());
  const secrets = workers[name] ?? {};
  expect(secrets["OPERATOR_KEY"]).toMatch(KEY);
  expect(Buffer.from(secrets["ENCRYPTION_KEY"] ?? "", "base64")).toHaveLength(32);
  for (const secret of Object.values(secrets)) expect(output).toContain(secret);
  expect(output).toMatch(/\/operator\/accounts"[^]*\/keys"[^]*curl -s "\$API\/"/);
  expect(hasDraft()).toBe(false);
});

it("changes nothing that is there when it is run again, and shows no secret", async () => {
  const { name, deploy, account } = givenDeployment();
  await deploy();
  const before = account();
  const { code, output, calls } = await deploy();
  expect(code).toBe(0);
  expect(calls).toEqual(["d1 migrations apply DB", "deploy"]);
  expect(account()).toEqual({ ...before, migrated: 2 });
  expect(output).not.toMatch(KEY);
  expect(output).not.toContain(before.workers[name]?.["ENCRYPTION_KEY"]);
});

describe("goes on where it failed", () => {
  it.each(["d1 create", "d1 migrations apply", "upload", "deploy"])("%s", async (call) => {
    const { name, deploy, deployFailing, account, hasDraft } = givenDeployment();
    const failed = await deployFailing(call);
    expect(failed.code).toBe(1);
    expect(failed.output).toContain("run npm run deploy again");
    expect(failed.output).not.toMatch(KEY);
    const set = account().workers[name];
    const { code, output } = await deploy();
    expect(code).toBe(0);
    const { databases, namespaces, workers } = account();
    expect(databases).toEqual([name]);
    expect(namespaces).toHaveLength(1);
    // Those that a run before has set are the ones that are shown.
    expect(workers[name]).toEqual(set ?? workers[name]);
    expect(output).toContain(workers[name]?.["OPERATOR_KEY"]);
    expect(output).toContain(workers[name]?.["ENCRYPTION_KEY"]);
    expect(hasDraft()).toBe(false);
  });
});

it.each(["login", "secret list"])(
  "makes nothing, and no secret above all, where the account cannot be asked: %s",
  async (call) => {
    const { deploy, deployFailing, account } = givenDeployment();
    await deploy();
    const before = account();
    const { code, output, calls } = await deployFailing(call);
    expect(code).toBe(1);
    expect(output).toContain("npx wrangler login");
    expect(calls).toEqual([]);
    expect(account()).toEqual(before);
  },
);

it("sets the one secret that is missing, and leaves the other", async () => {
  const { name, deploy, account, forget } = givenDeployment();
  await deploy();
  const before = account().workers[name];
  forget("OPERATOR_KEY");
  const { output } = await deploy();
  const after = account().workers[name];
  expect(after?.["ENCRYPTION_KEY"]).toBe(before?.["ENCRYPTION_KEY"]);
  expect(output).not.toContain(before?.["ENCRYPTION_KEY"]);
  expect(after?.["OPERATOR_KEY"]).not.toBe(before?.["OPERATOR_KEY"]);
  expect(output).toContain(after?.["OPERATOR_KEY"]);
});

it("shows all of it with --dry-run, and changes nothing", async () => {
  const { name, deploy, deployFailing, account, hasDraft } = givenDeployment();
  const before = account();
  for (const run of [() => deploy("--dry-run"), () => deployFailing("login", "--dry-run")]) {
    const { code, output, calls } = await run();
    expect(output).toMatch(new RegExp(`D1 database +${name} +to be made`));
    expect(output).toMatch(new RegExp(`queue +${name}-deliveries-slow`));
    expect(output).toMatch(/secret +OPERATOR_KEY +to be made/);
    expect(calls.filter((call) => call !== "deploy")).toEqual([]);
    expect(code === 0 || output.includes("Authentication error")).toBe(true);
  }
  expect(account()).toEqual(before);
  expect(hasDraft()).toBe(false);
});

it("lays one's own settings over wrangler.toml, and keeps webhooks from one's own domain", async () => {
  const { deploy, config } = givenDeployment(`
routes = [{ pattern = "api.example.com", custom_domain = true }]
[vars]
USAGE_DAYS = "200"
`);
  await deploy("--location", "weur");
  expect(config()).toMatchObject({
    routes: [{ pattern: "api.example.com", custom_domain: true }],
    vars: { USAGE_DAYS: "200", FEED_DAYS: "7", OWN_HOSTNAMES: "api.example.com" },
  });
});

it("places a new database as it is told", async () => {
  const { deploy, config } = givenDeployment();
  const { output } = await deploy("--jurisdiction", "eu");
  expect(output).toContain(`d1 create ${config().name} --jurisdiction eu`);
  const both = await deploy("--jurisdiction", "eu", "--location", "weur");
  expect(both).toMatchObject({ code: 1, calls: [] });
});

it("prints its help and starts nothing", async () => {
  const { deploy } = givenDeployment();
  const { code, output, calls } = await deploy("--help");
  expect({ code, calls }).toEqual({ code: 0, calls: [] });
  expect(output).toContain("--jurisdiction");
  expect((await deploy("--nonsense")).code).toBe(1);
});
