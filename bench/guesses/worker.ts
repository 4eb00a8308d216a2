import { app } from "../../src/app";
import { mintKey } from "../../src/access/api-key";
import type { Env } from "../../src/platform/env";
import { countingD1 } from "../pipeline/counting-d1";
import type { Asked } from "./asked";

/** Answers how often D1 was asked, and how many calls were answered with each status. */
export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const { network, keys }: Asked = JSON.parse(await request.text());
    const { counts, d1 } = countingD1(env.DB);
    const statuses: Record<number, number> = {};
    for (let n = 1; n <= keys; n += 1) {
      const address = `${network}:0:0:0:${n.toString(16)}`;
      const headers = { authorization: await mintKey(), "cf-connecting-ip": address };
      const call = new Request("https://bench.example.com/sim", { headers });
      const { status } = await app.fetch(call, { ...env, DB: d1 }, context);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    return Response.json({ reads: counts.roundTrips, statuses });
  },
};
