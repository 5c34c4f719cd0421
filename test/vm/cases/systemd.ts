import { expect, test } from "vitest";

import type { SystemdReport } from "../report.js";

const NO = "not permitted";

/** What systemd says that a service may open, and what a relay adds. `vda` is what the relay's policy lets in. */
export function testSystemd(report: () => SystemdReport): void {
  test("what its unit says is in force before, and stays", () => {
    expect(report().before).toEqual({ vda: NO, kmsg: "ok", uinput: NO });
    expect(report().attached).toEqual({ vda: "ok", kmsg: "ok", uinput: NO });
  });

  test("both hold again after `systemctl daemon-reload`, and the relay says that it was replaced", () => {
    expect(report().reloaded).toEqual({ vda: "ok", kmsg: "ok", uinput: NO });
    expect(report().warnings.join()).toContain("said anew what the programs of");
  });

  test("what a changed unit says takes the place of what it said before", () => {
    expect(report().changed).toEqual({ vda: "ok", kmsg: NO, uinput: "ok" });
  });

  test("what the unit says is in force alone when the relay has gone", () => {
    expect(report().detached).toEqual({ vda: NO, kmsg: NO, uinput: "ok" });
  });
}
