import { networkCause } from "../../cli/network-cause";
import { createClient, type Simplane } from "../../src/client";

/** Tries of what is in the middle of a run, which an overloaded server should not end. */
const RETRIES = 5;

/** The server as the holders of keys call it. `say` is told of each call that failed for a reason that passes. */
export function clientsOf(url: string, say: (what: string) => void) {
  const telling = async (request: Request): Promise<Response> => {
    const call = `${request.method} ${new URL(request.url).pathname}`;
    try {
      const response = await fetch(request);
      const { status } = response;
      if (status === 429 || status >= 500) say(`${call} was answered ${status}`);
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
