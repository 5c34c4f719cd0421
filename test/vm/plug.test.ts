import { beforeAll, describe, vi } from "vitest";

import { testPlug } from "./cases/plug.js";
import { testSlack } from "./cases/slack.js";
import { testSystemd } from "./cases/systemd.js";
import { testTouch } from "./cases/touch.js";
import { testXorg } from "./cases/xorg.js";
import { bringImageUpToDate } from "./image.js";
import { needsMachine, runInMachine } from "./machine.js";
import type { Reported } from "./machine.js";

/** How often what containers may touch is plugged in: an emulated machine is slow, and `npm run verify` has more time. */
const ROUNDS = Number(process.env["VM_ROUNDS"] ?? 1);

vi.setConfig({ hookTimeout: 1_800_000 + ROUNDS * 60_000 });

describe("devices that are plugged and unplugged", needsMachine(), () => {
  let reported: Reported;

  beforeAll(async () => {
    await bringImageUpToDate();
    // in one machine: to start it takes longest
    reported = await runInMachine(["plug", "xorg", "systemd", "touch", "slack"], ROUNDS);
  });

  describe("to an unprivileged container's programs of libudev", () => testPlug(() => reported.by("plug")));

  describe("to Xorg in an unprivileged container", () => testXorg(() => reported.by("xorg")));

  describe("to containers that may touch what they see", () => testTouch(() => reported.by("touch")));

  describe("and open meanwhile", () => testSlack(() => reported.by("slack")));

  describe("to a service of systemd", () => testSystemd(() => reported.by("systemd")));
});
