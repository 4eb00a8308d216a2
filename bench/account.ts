import * as z from "zod";
import { OPERATOR_KEY } from "./runtime";

/** Makes an account with a key through the operator API. */
export async function makeAccount(origin: URL): Promise<{ accountId: string; key: string }> {
  const { id } = z.object({ id: z.string() }).parse(await post(origin, "/operator/accounts"));
  const made = await post(origin, `/operator/accounts/${id}/keys`);
  return { accountId: id, key: z.object({ key: z.string() }).parse(made).key };
}

async function post(origin: URL, path: string): Promise<unknown> {
  const answer = await fetch(new URL(path, origin), {
    method: "POST",
    headers: { authorization: OPERATOR_KEY },
    body: JSON.stringify({ name: "bench" }),
    signal: AbortSignal.timeout(10_000),
  });
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status}`);
  return answer.json();
}
