import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { report, usageOf } from "./support/events";
import { givenAccount } from "./support/given-account";
import { PLAIN_SECRET } from "./support/log";
import { eventually, givenReceiver } from "./support/receiver";

it("writes no secret to any file, not even to its log", async () => {
  const { operatorKey, encryptionKey } = inject("server");
  const acme = await givenAccount();
  const receiver = await givenReceiver();
  const authorization = `${PLAIN_SECRET}webhook`;
  const label = `label of ${acme.id}`;
  const { secret: signing } = await acme.givenWebhook(receiver.url, { authorization, label });
  const connection_string = `${PLAIN_SECRET}connection`;
  const connector = { id: "azure", type: "microsoft_azure_iot", options: { connection_string } };
  expect(await acme.call("POST", "/connector", connector)).toMatchObject({ status: 200 });
  // Used, refused and cached ones as well.
  await report(usageOf(await acme.givenSim()));
  await eventually(() => expect(receiver.calls).toMatchObject([{ headers: { authorization } }]));
  expect(await acme.call("GET", "/operator/accounts")).toMatchObject({ status: 403 });
  expect(await acme.call("POST", "/webhooks", { url: 1, authorization })).toMatchObject({
    status: 400,
  });

  const { key } = acme;
  const whsec = signing.slice("whsec_".length);
  const told = [key, authorization, connection_string, signing, whsec, operatorKey, encryptionKey];
  const found = await namesIn(inject("server").folder, [label, "POST /connector", ...told]);
  // The search looks where such things are: it finds what is no secret, in the database and in the log.
  expect(found).toEqual(new Set([label, "POST /connector"]));
});

/** Those of the texts that stand in any file of the folder. */
async function namesIn(folder: string, texts: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    for (const text of texts) if (bytes.includes(text)) found.add(text);
  }
  return found;
}
