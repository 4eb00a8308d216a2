import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import operations from "../../../docs/operations.md?raw";
import { callAsOperator } from "../../support/call";
import { givenAccount } from "../../support/given-account";

it("is filled again from the SIMs by what docs/operations.md says, after an export needed it gone", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim({ alias: "harbour crane" });
  const eid = "89049032007008882600086123456789";
  const sims = [{ id, account_id: acme.id, eid }];
  await callAsOperator("PUT", "/operator/sims", { sims });
  const find = async () => (await acme.call("GET", "/sims/find?search=harbour")).text;
  const before = await find();
  expect(before).toContain(id);
  await env.DB.prepare("DROP TABLE sim_search").run();
  const [, sql = ""] = /```sql\n(.*?sim_search.*?)```/s.exec(operations) ?? [];
  for (const statement of sql.split(";").filter((text) => text.trim() !== ""))
    await env.DB.prepare(statement).run();
  expect(await find()).toBe(before);
  expect((await acme.call("GET", `/sims/find?search=${eid.slice(5, 20)}`)).text).toContain(id);
  // Its triggers write to it again.
  await acme.call("PUT", "/sim", { id, alias: "harbour tug" });
  expect(await find()).toContain("harbour tug");
});
