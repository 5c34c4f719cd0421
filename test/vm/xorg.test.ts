import { beforeAll, describe, expect, test, vi } from "vitest";

import { bringImageUpToDate } from "./image.js";
import { needsMachine, runInMachine } from "./machine.js";
import type { XorgReport } from "./report.js";

vi.setConfig({ hookTimeout: 600_000 });

describe("Xorg in an unprivileged container", needsMachine(), () => {
  let report: XorgReport;

  beforeAll(async () => {
    await bringImageUpToDate();
    report = (await runInMachine(["xorg"])).of("xorg") as XorgReport;
  });

  /** Xorg adds a device anew when it is told of a `change`, as when udevd was slow. */
  const added = (): readonly string[] => [...new Set(report.log.match(/config\/udev: Adding input device .*event.*/g))];

  test("gets a keyboard that is plugged while it runs, and uses it", () => {
    expect(added()).toHaveLength(1);
    expect(report.log).toMatch(/XINPUT: Adding extended input device "QEMU QEMU USB Keyboard" \(type: KEYBOARD/);
  });

  test("gets what is typed on it", () => {
    expect(codes(report.first)).toContain(A);
  });

  test("does not get one that is another container's, nor what is typed on that", () => {
    expect(report.other.filter((line) => line.includes("DEVICE_ADDED"))).toHaveLength(1);
    expect(report.other.filter((line) => line.includes("KEYBOARD_KEY"))).not.toEqual([]);
    expect(added()).toHaveLength(1);
    expect(codes(report.second)).not.toContain(B);
  });

  test("takes it away when it is pulled out", () => {
    expect(report.log).toMatch(/config\/udev: removing device QEMU QEMU USB Keyboard/);
  });
});

const [A, B] = [38, 56]; // keycodes of X: the kernel's KEY_A and KEY_B, and 8

function codes(lines: readonly string[]): readonly number[] {
  return lines.flatMap((line) => /^ +detail: (\d+)$/.exec(line)?.[1] ?? []).map(Number);
}
