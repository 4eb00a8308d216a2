import type { webcrypto } from "node:crypto";
import type * as util from "node:util";
import type * as workers from "@cloudflare/workers-types";

/** The platform's types by the names under which src/ knows them: code on Node is checked with the types of Node (tsconfig.node.json). */
declare global {
  type D1Database = workers.D1Database;
  type D1DatabaseSession = workers.D1DatabaseSession;
  type D1PreparedStatement = workers.D1PreparedStatement;
  type D1Result<Row = unknown> = workers.D1Result<Row>;
  type D1ExecResult = workers.D1ExecResult;
  type D1Meta = workers.D1Meta;
  type KVNamespace = workers.KVNamespace;
  type AnalyticsEngineDataset = workers.AnalyticsEngineDataset;
  type RateLimit = workers.RateLimit;
  type ExecutionContext = workers.ExecutionContext;
  type Queue<Body = unknown> = workers.Queue<Body>;
  type Message<Body = unknown> = workers.Message<Body>;
  type MessageBatch<Body = unknown> = workers.MessageBatch<Body>;
  type QueueRetryOptions = workers.QueueRetryOptions;
  type CryptoKey = webcrypto.CryptoKey;
  type TextDecoder = util.TextDecoder;
  const scheduler: workers.Scheduler;
}

declare module "node:crypto" {
  namespace webcrypto {
    interface SubtleCrypto {
      timingSafeEqual(a: ArrayBufferView, b: ArrayBufferView): boolean;
    }
  }
}
