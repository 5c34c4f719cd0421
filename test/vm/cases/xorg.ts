import { expect, test } from "vitest";

import type { XorgReport } from "../report.js";

/** Xorg in an unprivileged container, where keyboards are plugged in while it runs. */
export function testXorg(report: () => XorgReport): void {
  /** Xorg adds a device anew when it is told of a `change`, as when udevd was slow. */
  const added = (): readonly string[] => [
    ...new Set(report().log.match(/config\/udev: Adding input device .*event.*/g)),
  ];

  test("it gets a keyboard that is plugged while it runs, and uses it", () => {
    expect(added()).toHaveLength(1);
    expect(report().log).toMatch(/XINPUT: Adding extended input device "QEMU QEMU USB Keyboard" \(type: KEYBOARD/);
  });

  test("it gets what is typed on it", () => {
    expect(codes(report().first)).toContain(A);
  });

  test("it does not get one that is another container's, nor what is typed on that", () => {
    expect(report().other.filter((line) => line.includes("DEVICE_ADDED"))).toHaveLength(1);
    expect(report().other.filter((line) => line.includes("KEYBOARD_KEY"))).not.toEqual([]);
    expect(added()).toHaveLength(1);
    expect(codes(report().second)).not.toContain(B);
  });

  test("it takes it away when it is pulled out", () => {
    expect(report().log).toMatch(/config\/udev: removing device QEMU QEMU USB Keyboard/);
  });
}

const [A, B] = [38, 56]; // keycodes of X: the kernel's KEY_A and KEY_B, and 8

function codes(lines: readonly string[]): readonly number[] {
  return lines.flatMap((line) => /^ +detail: (\d+)$/.exec(line)?.[1] ?? []).map(Number);
}
