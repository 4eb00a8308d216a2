import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { report, usageOf } from "./support/events";
import { givenAccount } from "./support/given-account";
import { eventually, givenReceiver } from "./support/receiver";

// One report for all of them: the development server runs one batch of a queue at a time,
// so that what is reported while an endpoint hangs waits for it.
it("tries each endpoint once, gives it 15 s, and lets none delay another", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const fine = await givenReceiver();
  const hanging = await givenReceiver(() => {});
  const late = await givenReceiver((response) => {
    setTimeout(() => response.writeHead(200).end(), 12_000);
  });
  const refusing = await givenReceiver((response) => response.writeHead(500).end());
  const redirecting = await givenReceiver((response, path) => {
    if (path === "/moved") response.writeHead(200).end();
    else response.writeHead(307, { location: "/moved" }).end();
  });
  const another = await givenReceiver();
  for (const { url } of [hanging, late, fine, refusing]) await acme.givenWebhook(`${url}/{type}`);
  for (const { url } of [redirecting, another]) await globex.givenWebhook(`${url}/{type}`);

  await report(usageOf(await acme.givenSim()), usageOf(await globex.givenSim()));

  await eventually(() => {
    for (const { calls } of [fine, refusing, redirecting, another])
      expect(calls).toMatchObject([{ path: "/usage", answeredMs: expect.any(Number) }]);
  }, 10_000);
  expect(hanging.calls).toMatchObject([{ path: "/usage" }]);
  expect(hanging.calls[0]).not.toHaveProperty("cutMs");

  await eventually(() => expect(hanging.calls[0]).toHaveProperty("cutMs"));
  const cutMs = hanging.calls[0]?.cutMs ?? 0;
  // The 15 s start when we send; the request arrives a moment later.
  expect(cutMs).toBeGreaterThan(14_900);
  expect(cutMs).toBeLessThan(20_000);

  // A second try would come within 2 s of delay and 1 s of batching.
  await sleep(4_000);
  for (const { calls } of [fine, refusing, redirecting, another, hanging, late])
    expect(calls.map(({ path }) => path)).toEqual(["/usage"]);
  expect(late.calls[0]?.answeredMs).toBeGreaterThan(11_900);
});
