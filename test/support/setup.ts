import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { forgetAll } from "../../src/access/find-key";
import { toAnswer } from "./to-answer";

expect.extend({ toAnswer });

beforeEach(async () => {
  await applyD1Migrations(env.DB, env.MIGRATIONS);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  forgetAll();
  await reset();
});
