import { defineConfig } from "vitest/config";

const conditions = ["@uevent-bridge/source"]; // run from source: no build before a test

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks", // unix-dgram cannot be loaded in worker threads
    maxWorkers: 2, // many tests wait for the kernel: vitest's own choice on two cores is one
    reporters: ["default", "./test/reporter.ts"],
  },
});
