import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

// Milliseconds. They end a test that hangs, not one that is slow: the machine may be busy.
const limits = { testTimeout: 120_000, hookTimeout: 120_000 };

/** The tests that run in workerd. */
export const workers = {
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: "./wrangler.toml" },
      miniflare: {
        // The newest date that the test pool's own workerd knows; wrangler.toml's is newer.
        compatibilityDate: "2026-08-22",
        bindings: {
          // All of them, so that a developer's .dev.vars changes no test.
          SIM_REGISTRATION: "open",
          ALLOW_INSECURE_WEBHOOKS: "false",
          LOG_SAMPLE: "0",
          // The dates that the tests name are not to grow too old.
          USAGE_DAYS: "36500",
          NETWORK_LOG_DAYS: "36500",
          RATE_LIMIT_PER_MINUTE: "100000",
          OWN_HOSTNAMES: "own.example.net, api2.example.net",
          OPERATOR_KEY: "the operator's key, in tests only",
          ENCRYPTION_KEY: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
          MIGRATIONS: await readD1Migrations("./migrations"),
        },
      },
    })),
  ],
  test: {
    name: "workers",
    // One runtime for all files: starting one costs more than most files take, and each test resets what is stored.
    isolate: false,
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "test/cli/**", "test/deploy/**", "test/package/**"],
    setupFiles: ["./test/support/setup.ts"],
    ...limits,
  },
};

export default defineConfig({
  test: {
    projects: [
      workers,
      {
        // What runs in Node alone, and asks no server.
        test: { name: "node", include: ["test/{cli,deploy,package}/**/*.test.ts"], ...limits },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["./test/e2e/support/server.ts"],
          setupFiles: ["./test/e2e/support/log.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxConcurrency: 20,
        },
      },
    ],
  },
});
