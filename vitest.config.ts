import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = ["@uevent-bridge/source"]; // run from source: no build before a test

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 30_000, // a busy machine is no reason to fail
    pool: "forks", // unix-dgram cannot be loaded in worker threads
    reporters: ["default", "./test/reporter.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          include: ["packages/{uevent,filter,kernel,relay}/test/**/*.test.ts"],
          maxWorkers: Math.max(2, availableParallelism() - 1), // vitest would run one file at a time on two cores
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "machine",
          include: ["packages/{linux,listener,uevent-bridge}/test/**/*.test.ts", "test/**/*.test.ts"],
          maxWorkers: 1, // they see each other's devices, processes and sockets
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
