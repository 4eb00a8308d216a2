import { createClient, type Options, SimplaneError, verifyWebhook } from "../../client";

export interface Plan {
  /** Ids for SIMs that the account does not have yet. */
  simIds: string[];
  /** A POST that a webhook sent, and its secret. */
  post: { headers: Record<string, string>; body: string };
  secret: string;
}

/** What a program does with the client, on whatever platform it runs. */
export async function tour(options: Options, { simIds, post, secret }: Plan) {
  const simplane = createClient(options);
  for (const id of simIds) await simplane.POST("/sim", { body: { id, alias: `drone ${id}` } });

  const walked: string[] = [];
  const query = { limit: 2, sort: "id" } as const;
  for await (const { id } of simplane.iterate("/sims", { params: { query } })) walked.push(id);

  const path = { sim_id: simIds[0] ?? "" };
  const read = await simplane.GET("/sims/{sim_id}", { params: { path } });
  const etag = read.response.headers.get("etag") ?? "";
  const changed = await simplane.PATCH("/sims/{sim_id}", {
    params: { path, header: { "If-Match": etag } },
    body: { label: "harbour 7" },
  });
  const stale = await refusalOf(
    simplane.PATCH("/sims/{sim_id}", {
      params: { path, header: { "If-Match": etag } },
      body: { label: "harbour 8" },
    }),
  );

  const tag = { params: { header: { "Idempotency-Key": "tour" } }, body: { name: "Tour" } };
  const made = await simplane.POST("/tags", tag);
  const again = await simplane.POST("/tags", tag);

  const received = new Request("https://receiver.example.com/", { method: "POST", ...post });
  const event = await verifyWebhook(received, secret);
  return {
    walked,
    label: changed.data.label,
    stale: { code: stale.code, status: stale.status, docs: stale.docs },
    hasRequestId: stale.requestId !== null,
    madeOnce: made.data.id === again.data.id,
    replayed: again.response.headers.get("idempotency-replayed"),
    event: { payload: event.payload, type: event.type, sim: event.data.sim_id },
  };
}

/** What the tour comes to on every platform. */
export function resultOf({ simIds }: Plan, baseUrl: string) {
  return {
    walked: simIds,
    label: "harbour 7",
    stale: { code: "changed_meanwhile", status: 412, docs: `${baseUrl}/docs#changed_meanwhile` },
    hasRequestId: true,
    madeOnce: true,
    replayed: "true",
    event: { payload: "classic", type: "usage", sim: "192837465" },
  };
}

async function refusalOf(call: Promise<unknown>): Promise<SimplaneError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof SimplaneError) return error;
    throw error;
  }
  throw new Error("the call was not refused");
}
