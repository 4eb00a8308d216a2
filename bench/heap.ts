import { fetch } from "miniflare";
import * as z from "zod";

const Targets = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.string() }));
const Reply = z.object({ id: z.number(), result: z.unknown().optional() });
const Usage = z.object({
  usedSize: z.number(),
  embedderHeapUsedSize: z.number(),
  backingStorageSize: z.number(),
});

/** Looks into a Worker's isolate, by the inspector of the runtime that it is in. */
export interface Heap {
  /** Bytes that are in use once all garbage is collected. */
  live(): Promise<number>;
  close(): void;
}

export async function openHeap(inspector: URL, worker: string): Promise<Heap> {
  const listed = await fetch(`http://${inspector.host}/json`);
  const target = Targets.parse(await listed.json()).find(({ id }) => id === `core:user:${worker}`);
  if (!target) throw new Error(`the inspector has no ${worker}`);
  const url = target.webSocketDebuggerUrl.replace(/^ws/, "http");
  const { webSocket: socket } = await fetch(url, { headers: { upgrade: "websocket" } });
  if (!socket) throw new Error("the inspector did not answer");
  socket.accept();

  let asked = 0;
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string" || !data.startsWith('{"id":')) return;
    const { id, ...reply } = Reply.parse(JSON.parse(data));
    waiting.get(id)?.(reply.result);
  });
  const call = async (method: string) => {
    asked += 1;
    const id = asked;
    const replied = new Promise<unknown>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method }));
    const result = await replied;
    waiting.delete(id);
    return result;
  };
  return {
    async live() {
      // Of its commands that collect all garbage, this one is answered by workerd; the snapshot itself is not kept.
      await call("HeapProfiler.takeHeapSnapshot");
      const usage = Usage.parse(await call("Runtime.getHeapUsage"));
      return usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize;
    },
    close: () => socket.close(),
  };
}
