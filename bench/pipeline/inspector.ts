import { fetch } from "miniflare";
import * as z from "zod";

const Listed = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.string() }));
const Answered = z.object({ id: z.number(), result: z.unknown() });
const Heap = z.object({ usedSize: z.number() });

/** Bytes in use on a Worker's heap. */
export interface HeapMeter {
  used(): Promise<number>;
  /** The same after a garbage collection. */
  kept(): Promise<number>;
  close(): void;
}

/** Asks V8 through the inspector of the runtime. */
export async function openHeapMeter(inspector: URL, worker: string): Promise<HeapMeter> {
  const listed = Listed.parse(await (await fetch(new URL("/json", asHttp(inspector.href)))).json());
  const target = listed.find(({ id }) => id.includes(worker));
  if (!target) throw new Error(`the inspector has no ${worker}: ${JSON.stringify(listed)}`);
  const url = asHttp(target.webSocketDebuggerUrl);
  const { webSocket } = await fetch(url, { headers: { upgrade: "websocket" } });
  if (!webSocket) throw new Error("the inspector opens no WebSocket");
  webSocket.accept();

  let last = 0;
  const waiting = new Map<number, (result: unknown) => void>();
  webSocket.addEventListener("message", ({ data }) => {
    const answered = Answered.safeParse(JSON.parse(String(data)));
    if (answered.success) waiting.get(answered.data.id)?.(answered.data.result);
  });
  const ask = (method: string) =>
    new Promise<unknown>((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      webSocket.send(JSON.stringify({ id: last, method }));
    });
  const used = async () => Heap.parse(await ask("Runtime.getHeapUsage")).usedSize;
  await ask("Runtime.enable");
  return {
    used,
    async kept() {
      await ask("HeapProfiler.collectGarbage");
      return used();
    },
    close: () => webSocket.close(),
  };
}

function asHttp(url: string): string {
  return url.replace(/^ws:/, "http:");
}
