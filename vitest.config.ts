import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = ["@uevent-bridge/source"]; // run from source: no build before a test

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks", // unix-dgram cannot be loaded in worker threads
    maxWorkers: Math.max(2, availableParallelism() - 1), // many tests wait; vitest would run one file at a time on two cores
    reporters: ["default", "./test/reporter.ts"],
  },
});
