import { expect, it } from "vitest";
import { cliOf } from "../support/cli";
import { givenAccount } from "../support/given-account";

it.concurrent("makes, changes, rotates and deletes an account's own keys", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  const limits = ["--scope", "sims:read", "--scope", "usage:read", "--allow-ip", "127.0.0.0/8"];
  const [made] = await cli.json("keys", "create", "nightly", ...limits, "--expires", "90d");
  expect(made).toMatchObject({
    name: "nightly",
    key: expect.stringMatching(/^sp_/),
    scopes: ["sims:read", "usage:read"],
    allowed_ips: ["127.0.0.0/8"],
    expires_at: expect.any(String),
  });
  const id = String(made?.["id"]);

  const none = ["--expires", "none", "--allow-ip", "none"];
  expect(await cli.json("keys", "update", id, "--name", "daily", ...none)).toMatchObject([
    { id, name: "daily", expires_at: null, allowed_ips: [] },
  ]);
  expect(await cli.output("keys", "update", id, "--name", "weekly")).toContain("weekly");
  expect(await cli.output("keys", "list")).toMatch(
    new RegExp(`^ID +NAME +SCOPES .*\\n.* key .*\\n${id}  weekly  sims:read usage:read  all  `),
  );

  const [rotated] = await cli.json("keys", "rotate", id, "--overlap", "1h");
  expect(rotated).toMatchObject({ key: expect.stringMatching(/^sp_/), previous: { id } });
  const { stdout, stderr, code } = await cli.run("keys", "rotate", String(rotated?.["id"]));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^key +sp_/m);
  expect(stderr).toBe("The key is shown only now: keep it.\n");

  expect(await cli.output("keys", "delete", id)).toBe(`The key ${id} is revoked.\n`);
  expect(await cli.json("keys", "list")).toHaveLength(3);
});

it.concurrent("does not make a key of which nobody said what it may do", async () => {
  const { code, stderr } = await cliOf(await givenAccount()).run("keys", "create", "x");
  expect(code).toBe(2);
  expect(stderr).toContain("--scope sims:read");
});

it.concurrent("makes accounts and their first keys, as the operator", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  const [account] = await cli.json("accounts", "create", "Globex");
  const id = String(account?.["id"]);
  expect(await cli.output("accounts", "create", "Initech")).toMatch(/^name +Initech$/m);
  expect(await cli.json("accounts", "set", id, "--rate-limit", "1200")).toMatchObject([
    { id, rate_limit: 1200 },
  ]);
  expect(await cli.output("accounts", "list")).toMatch(
    new RegExp(`^ID +NAME +CALLS A MINUTE  MADE\\n[^]*${id}  Globex +1200  20`),
  );
  expect(await cli.output("accounts", "set", id, "--rate-limit", "none")).not.toContain("1200");
  const all = await cli.json("accounts", "list");
  expect(all.map((each) => each["id"])).toContain(id);

  expect(await cli.output("keys", "create", "first", "--account", id)).toMatch(/^key +sp_/m);
  const [key] = await cli.json("keys", "list", "--account", id);
  expect(key).toMatchObject({ name: "first", scopes: ["*"], revoked_at: null });
  const [done] = await cli.json("keys", "delete", String(key?.["id"]), "--as-operator");
  expect(done).toEqual({ message: "OK" });
  expect(await cli.output("keys", "list", "--account", id)).toContain("revoked 20");
});
