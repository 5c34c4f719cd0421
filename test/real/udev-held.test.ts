import { removeLoop } from "@uevent-bridge/linux/testing";
import { expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import type { System } from "./inside/system.js";
import { until } from "./listener.js";
import { devpathOf, plugLoop } from "./loops.js";
import { Stack } from "./stack.js";
import { HeldStage } from "./view/held-stage.js";

vi.setConfig({ testTimeout: 120_000 }); // processes start slowly on a machine that is busy

const FUSE = "/devices/virtual/misc/fuse";
const LOOP_MAJOR = 7;
const HELD = /\/\.udev\/hostile cannot be used: a program in the container holds it up/;
const SECONDS = 30; // until something is missed

const has = (system: System, loop: number): boolean => system.exists(`/run/udev/data/b${LOOP_MAJOR}:${loop}`);

const listed = (system: System): string => system.run("ls", "-AR", "/run/udev");

test(
  "who holds up its /run/udev keeps nobody else waiting, and has what it is to have when it lets go",
  needs("root", "loop devices", "FUSE", "a compiler"),
  async () => {
    await using stack = new Stack();
    const [first, second] = [plugLoop(), plugLoop()];
    stack.use({ [Symbol.dispose]: () => [first, second].forEach(removeLoop) });
    const stage = stack.use(await HeldStage.start());
    const { relay, hostile, innocent } = stage;
    const wish = { allow: [FUSE, devpathOf(first)], deliver: { netlink: "udev" }, dev: "auto" } as const;
    const attach = () => relay.attach({ ...wish, name: "hostile", pid: hostile.pid });
    const box = await attach();
    const other = await relay.attach({ ...wish, name: "innocent", pid: innocent.pid });
    const warnings: string[] = [];
    box.on("warning", ({ message }) => warnings.push(message));
    await until(() => has(hostile, first) && has(innocent, first), "both have it", SECONDS);

    const hold = await stage.hold("/run/udev/data", "/run/udev/tags", "/run/udev");
    for (const each of [box, other]) await each.allow(devpathOf(second));
    await until(() => has(innocent, second), "the other one has what comes", SECONDS);
    await until(() => warnings.length > 0, "it is said", SECONDS);
    expect(warnings).toEqual([expect.stringMatching(HELD)]);
    for (const each of [box, other]) await each.deny(devpathOf(first));
    await until(() => !has(innocent, first), "the other one has no more what goes", SECONDS);
    await hold.end();
    await until(() => has(hostile, second) && !has(hostile, first), "it has what it is to have", SECONDS);
    expect(listed(hostile)).toEqual(listed(innocent));

    const again = await stage.hold("/run/udev/data");
    await box.deny(devpathOf(second));
    await box.detach();
    await again.end();
    await attach();
    await until(() => has(hostile, first) && !has(hostile, second), "it has what it is to have then", SECONDS);
  },
);
