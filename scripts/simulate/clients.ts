import { networkCause } from "../../cli/network-cause";
import { createClient, type Simplane } from "../../client";

/** After the first one: half a minute of waits at most, unless the server asks for longer ones. */
const RETRIES = 5;
const ANSWER_MS = 30_000;

/**
 * The server as the holders of keys call it. `say` is told of each call that failed for a reason that passes. A caller's
 * signal ends the waits between tries, not a call that is on its way: what became of it is to be counted.
 */
export function clientsOf(url: string, say: (what: string) => void) {
  const telling = async (request: Request): Promise<Response> => {
    const call = `${request.method} ${new URL(request.url).pathname}`;
    try {
      const response = await fetch(request, { signal: AbortSignal.timeout(ANSWER_MS) });
      const { status, headers } = response;
      const asked = headers.get("retry-after");
      if (status === 429 || status >= 500)
        say(`${call} was answered ${status}${asked === null ? "" : `, to wait ${asked} s`}`);
      return response;
    } catch (error) {
      say(`${call} failed: ${networkCause(error) ?? String(error)}`);
      throw error;
    }
  };
  return {
    impatient: (key: string): Simplane => createClient({ baseUrl: url, key, retries: 0 }),
    patient: (key: string): Simplane =>
      createClient({ baseUrl: url, key, retries: RETRIES, fetch: telling }),
  };
}
