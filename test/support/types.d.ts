import type { D1Migration } from "cloudflare:test";
import type { Env as WorkerEnv } from "../../src/platform/env";
import type { ErrorCode } from "../../src/platform/errors";

declare global {
  interface ImportMeta {
    /** Vitest's: the files of a pattern, by path. */
    glob<T>(pattern: string, options: object): Record<string, T>;
  }

  namespace Cloudflare {
    interface Env extends WorkerEnv {
      MIGRATIONS: D1Migration[];
    }
  }
}

declare module "vitest" {
  interface Matchers<T> {
    /** The status and the exact body; a string is an error's code. */
    toAnswer(status: number, body?: ErrorCode | object): T;
  }
}
