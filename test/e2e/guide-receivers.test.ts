import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { blocksOf } from "./guides/blocks";
import { openTerminal } from "./guides/shell";
import { listen } from "./support/receiver";

const GUIDE = "docs/guides/receive.md";

/** Runs a receiver of the guide; answers what it answers, by what is sent. */
async function whatItAnswers(file: string, run: string) {
  const port = await freePort();
  const folder = await givenSaved(file, port);
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const terminal = await openTerminal(folder);
  const receiver = await terminal.listen(`export WEBHOOK_SECRET='${secret}'\n${run}`, port);
  const body = '{"sim_id":"100000001"}';
  const now = Date.now();
  const post = async (sent: {
    at?: number;
    signedWith?: string;
    sentBody?: string;
    sentId?: string;
  }) => {
    const { at = now, signedWith = secret, sentBody = body, sentId = "evt_1" } = sent;
    const { status } = await fetch(`http://localhost:${port}/`, {
      method: "POST",
      headers: {
        "webhook-id": sentId,
        "webhook-timestamp": String(Math.floor(at / 1000)),
        "webhook-signature": new Webhook(signedWith).sign("evt_1", new Date(at), body),
        "x-event-type": "location",
      },
      body: sentBody,
    });
    return status;
  };
  try {
    return {
      genuine: await post({}),
      again: await post({}),
      altered: await post({ sentBody: '{"sim_id":"100000002"}' }),
      ofAnotherId: await post({ sentId: "evt_2" }),
      ofAnotherSecret: await post({ signedWith: `whsec_${randomBytes(32).toString("base64")}` }),
      old: await post({ at: now - 600_000 }),
      ofTheFuture: await post({ at: now + 600_000 }),
      printed: receiver.printed().match(/location/g)?.length,
    };
  } finally {
    await receiver.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A folder with a file of the guide, below the repository so that it finds the packages. */
async function givenSaved(file: string, port: number): Promise<string> {
  await mkdir(".wrangler", { recursive: true });
  const folder = await mkdtemp(join(".wrangler", "guide-"));
  const code = blocksOf(await readFile(GUIDE, "utf8")).find(({ label }) => label === file)?.text;
  if (!code) throw new Error(`${GUIDE} has no ${file}`);
  await writeFile(join(folder, file), code.replaceAll(/\b9999\b/g, String(port)));
  return folder;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe);
  probe.close();
  return port;
}

it.each([
  ["receiver.ts", "npx tsx receiver.ts"],
  ["receiver.py", "python3 receiver.py"],
])("%s of the guide takes what is genuine once, and nothing else", async (file, run) => {
  expect(await whatItAnswers(file, run)).toEqual({
    genuine: 204,
    again: 204,
    altered: 401,
    ofAnotherId: 401,
    ofAnotherSecret: 401,
    old: 401,
    ofTheFuture: 401,
    printed: 1,
  });
});

it.each([
  ["receiver.ts", "npx tsx receiver.ts"],
  ["receiver.py", "python3 receiver.py"],
])("%s of the guide does not start without a secret", async (file, run) => {
  const folder = await givenSaved(file, await freePort());
  const terminal = await openTerminal(folder);
  await expect(terminal.run(`unset WEBHOOK_SECRET\n${run}`)).rejects.toThrow("WEBHOOK_SECRET");
  await rm(folder, { recursive: true, force: true });
});
