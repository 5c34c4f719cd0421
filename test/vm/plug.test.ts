import { beforeAll, describe, vi } from "vitest";

import { testPlug } from "./cases/plug.js";
import { testSystemd } from "./cases/systemd.js";
import { testTouch } from "./cases/touch.js";
import { bringImageUpToDate } from "./image.js";
import { needsMachine, runInMachine } from "./machine.js";
import type { Reports } from "./machine.js";
import type { PlugReport, SystemdReport, TouchReport } from "./report.js";

/** Devices that containers touch are plugged at length alone, by `npm run verify`: an emulated machine is slow. */
const ROUNDS = Number(process.env["VM_ROUNDS"] ?? 0);

vi.setConfig({ hookTimeout: 600_000 + ROUNDS * 60_000 });

describe("devices that are plugged and unplugged", needsMachine(), () => {
  let reports: Reports;

  beforeAll(async () => {
    await bringImageUpToDate();
    // in one machine: to start it takes longest
    reports = await runInMachine(ROUNDS > 0 ? ["touch", "systemd", "plug"] : ["plug"], Math.max(1, ROUNDS));
  });

  describe("to an unprivileged container's programs of libudev", () =>
    testPlug(() => reports.of("plug") as PlugReport));

  if (ROUNDS === 0) return;

  describe("to containers that may touch what they see", () => testTouch(() => reports.of("touch") as TouchReport));

  describe("to a service of systemd", () => testSystemd(() => reports.of("systemd") as SystemdReport));
});
