import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { openPrimary } from "../../src/db/client";
import { createSim } from "../../src/api/sims/classic/queries";
import { newSimId } from "../support/given-account";
import { usageOf } from "../support/events";
import { stored } from "../support/fleet";
import { givenNorth } from "../support/given-north";

const MARCH = "filter=time:2026-03";

it("a SIM that a key with tags makes counts as carrying them, everywhere", async () => {
  const { acme, north, key } = await givenNorth();
  const id = newSimId();
  expect(await key.call("POST", "/sim", { id })).toAnswer(200);
  await stored(usageOf(id, { id: "mine", upload: 7, download: 0, time: "2026-03-01 01:00:00" }));
  const listed = (answer: { json: { sims: object[] } }) => answer.json.sims;
  const its = [expect.objectContaining({ id })];
  expect(listed(await key.call("GET", "/sims"))).toEqual(its);
  expect(listed(await acme.call("GET", `/sims?filter=tag:${north}`))).toEqual(its);
  expect((await key.call("GET", `/sims/find?search=${id.slice(0, 2)}`)).json).toEqual(its);
  expect((await key.call("GET", `/usage?${MARCH}`)).json).toMatchObject({ upload: "7" });
  const total = await acme.call("GET", `/usage/tag-total/${north}?${MARCH}`);
  expect(total.json).toMatchObject({ bytes: 7, sims: 1 });
  expect((await key.call("GET", "/events")).json.events).toHaveLength(1);
  expect((await key.call("GET", "/events/mine")).status).toBe(200);
  await acme.call("DELETE", `/keys/${key.id}`);
  expect(await acme.call("DELETE", `/tags/${north}`)).toAnswer(409, "tag_in_use");
});

it("a key that another place still knows makes none with a tag that is gone", async () => {
  const { acme, north, key } = await givenNorth();
  await acme.call("DELETE", `/keys/${key.id}`);
  expect(await acme.call("DELETE", `/tags/${north}`)).toAnswer(200);
  const sim = { id: newSimId(), alias: null, active: true, connector: null };
  const stale = { accountId: acme.id, tags: [north] };
  await expect(createSim(openPrimary(env.DB), stale, sim, "open")).rejects.toThrow("id_forbidden");
});
