import { Agent, get } from "node:http";

/** Connections that are kept open, and that each have one call under way at a time. */
const CONNECTIONS = 8;
const CALL_TIMEOUT_MS = 5_000;

/** A GET, and the body that it must be answered with. */
export interface Call {
  path: string;
  expected: string;
}

/** A Worker under load, over its own connections. */
export interface Load {
  /** Calls for so long, and tells how many calls were answered and how long it took. Rejects at the first wrong answer. */
  run(atLeastMs: number): Promise<{ answered: number; milliseconds: number }>;
  close(): void;
}

export function load(origin: URL, headers: Record<string, string>, next: () => Call): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  return {
    async run(atLeastMs) {
      const begin = performance.now();
      let answered = 0;
      const caller = async () => {
        while (performance.now() - begin < atLeastMs) {
          await callOnce(agent, origin, headers, next());
          answered += 1;
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, caller));
      return { answered, milliseconds: performance.now() - begin };
    },
    close: () => agent.destroy(),
  };
}

function callOnce(
  agent: Agent,
  origin: URL,
  headers: Record<string, string>,
  { path, expected }: Call,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { agent, headers, timeout: CALL_TIMEOUT_MS };
    const request = get(new URL(path, origin), options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200 && body === expected) resolve();
        else reject(new Error(`GET ${path}: ${response.statusCode} ${body}`));
      });
    });
    request.on("timeout", () => request.destroy(new Error(`GET ${path}: no answer in time`)));
    request.on("error", reject);
  });
}
