import { availableParallelism } from "node:os";
import { delimiter, dirname } from "node:path";
import { defineConfig } from "vitest/config";

const REAL = ["test/real/**/*.test.ts", "packages/uevent-bridge/test/demo/**/*.test.ts"];
/** What takes long, and makes no devices of the host. `npm test` leaves it out, and `programs` and `vm`; `.ci/run` does not. */
const LONG = [
  "packages/agent/test/{files,hardship,hotplug,inject,pipe}.test.ts",
  "packages/linux/test/{leaks,udev-directory-hostile}.test.ts",
];
/** What takes long, with devices: the programs of containers, many events, many restarts. */
const PROGRAMS = [
  "packages/uevent-bridge/test/demo/demo.test.ts",
  "test/demo.test.ts",
  ...[
    "agent",
    "agent-hold",
    "auto",
    "churn",
    "claims-command",
    "command-transfer",
    "consumers",
    "dev-engines",
    "dev-held",
    "dev-exchanged",
    "dev-place",
    "dev-place-killed",
    "dev-refused",
    "docker",
    "doctor",
    "doctor-run",
    "exec",
    "exec-rights",
    "frozen",
    "gaps",
    "hostile-directory",
    "hostile-holder",
    "hostile-values",
    "injected-errors",
    "many-events",
    "restarts",
    "rootless",
    "shadow",
    "shim",
    "single-nodes",
    "storm",
    "sysfs-view",
    "service",
    "sys-held",
    "sys-hostile",
    "systemd",
    "sys-place",
    "two-names",
    "udev-group",
    "udev-held",
    "udev-place",
    "view-engines",
    "view-kills",
    "view-transfer",
  ].map((name) => `test/real/${name}.test.ts`),
];
const conditions = ["@uevent-bridge/source"]; // run from source: no build before a test
/** Programs of the system before those of the same name that its user has made ready: starting a `python3` by a shim takes ten times as long. */
const PATH = [dirname(process.execPath), "/usr/sbin", "/usr/bin", "/sbin", "/bin", process.env["PATH"]].join(delimiter);
const workers = Math.max(2, availableParallelism() - 1); // vitest would run one file at a time on two cores

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    env: { PATH, NODE_EXTRA_CA_CERTS: "" }, // reading whom its user trusts is a third of each start of Node, and no test needs them
    testTimeout: 60_000, // a busy machine is no reason to fail
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } }, // nor is one second in which it does something else
    isolate: false, // modules keep no state that one file could leave for the next
    pool: "forks", // unix-dgram cannot be loaded in worker threads
    reporters: ["default", "./test/reporter.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          setupFiles: ["./test/steady.ts"],
          include: ["packages/{uevent,filter,kernel,view,relay}/test/**/*.test.ts"],
          maxWorkers: workers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "machine",
          include: ["packages/{agent,linux,listener,uevent-bridge}/test/**/*.test.ts", "test/*.test.ts"],
          exclude: [...REAL, ...LONG, ...PROGRAMS],
          maxWorkers: workers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "real",
          include: REAL,
          exclude: PROGRAMS,
          maxWorkers: 1, // they see each other's devices, and have their pace
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: "programs", include: PROGRAMS, maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
      {
        extends: true,
        test: { name: "long", include: LONG, maxWorkers: 1, sequence: { groupOrder: 5 } },
      },
      {
        extends: true,
        test: { name: "vm", include: ["test/vm/*.test.ts"], maxWorkers: 1, sequence: { groupOrder: 4 } },
      },
    ],
  },
});
