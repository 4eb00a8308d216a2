import { expect, it } from "vitest";
import { type Logged, loggedBy } from "../../support/audit";
import type { Answer } from "../../support/call";
import { givenWorld } from "./writes";

/** The one entry that a change leaves. */
async function change(act: () => Promise<Answer>): Promise<Logged> {
  const { result, entries } = await loggedBy(act);
  const [entry] = entries;
  if (result.status !== 200 || !entry) throw new Error(`${result.status} ${result.text}`);
  return entry;
}

it("of a change, what was before is the body that undoes it", async () => {
  const { acme, spareKey, sim, tag, freeTag, webhook } = await givenWorld();
  const changes: [path: string, body: object][] = [
    [
      `/sims/${sim}`,
      {
        label: "x",
        activated: false,
        tags: [freeTag],
        connector: "my-connector",
        network_whitelist: "home",
        imei_lock: "358299840000001",
        data_limit: { total: 1_000_000, alert_threshold: 500_000 },
        technologies: { "2g_3g": false },
      },
    ],
    [
      "/connectors/my-connector",
      {
        options: { url: "https://x.example.com/" },
        tags: [tag],
        passthrough: [{ protocol: "tcp", ip: "192.0.2.1", port: 1 }],
      },
    ],
    ["/network-whitelists/home", { networks: [], tags: [tag] }],
    [`/tags/${tag}`, { name: "x", color: "#000000" }],
    [
      `/webhooks/${webhook}`,
      {
        url: "https://x.acme.com/",
        label: "x",
        active: false,
        exclude_types: ["usage"],
        tags: [tag],
        payload: "fleet",
        retry: "standard",
      },
    ],
    [
      `/keys/${spareKey}`,
      {
        name: "x",
        scopes: ["usage:read"],
        expires_at: "2999-01-01T00:00:00Z",
        allowed_ips: ["192.0.2.0/24"],
        tags: [tag],
      },
    ],
  ];
  for (const [path, body] of changes) {
    const done = await change(() => acme.call("PATCH", path, body));
    expect(Object.keys(done.before ?? {}).toSorted()).toEqual(Object.keys(body).toSorted());
    const undone = await change(() => acme.call("PATCH", path, done.before));
    expect(undone).toMatchObject({ before: done.after, after: done.before });
  }
});

it("of a deletion, what was before makes the thing anew", async () => {
  const { acme, sim, freeTag, webhook } = await givenWorld();
  await acme.call("PATCH", `/sims/${sim}`, { activated: false, data_limit: { total: 1_000_000 } });
  const deletions: [path: string, again: (entry: Logged) => Promise<Answer>][] = [
    ["/connectors/my-connector", ({ before }) => acme.call("POST", "/connectors", before)],
    ["/network-whitelists/home", ({ before }) => acme.call("POST", "/network-whitelists", before)],
    [`/tags/${freeTag}`, ({ before }) => acme.call("POST", "/tags", before)],
    [`/webhooks/${webhook}`, ({ before }) => acme.call("POST", "/webhooks", before)],
  ];
  for (const [path, again] of deletions) {
    const { before, ...entry } = await change(() => acme.call("DELETE", path));
    const { after } = await change(() => again({ before, ...entry }));
    expect({ ...after, meta: 0 }).toEqual({ ...before, meta: 0 });
  }
  const gone = await change(() => acme.call("DELETE", `/sim?id=${sim}`));
  await acme.call("POST", "/sim", { id: gone.subject });
  await acme.call("PATCH", `/sims/${sim}`, gone.before);
  const again = await change(() => acme.call("DELETE", `/sim?id=${sim}`));
  expect(again.before).toEqual(gone.before);
});
