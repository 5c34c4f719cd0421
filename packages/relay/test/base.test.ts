import { expect, test } from "vitest";

import { openScene } from "./scene.js";

const ZERO = "/devices/virtual/mem/zero";
const CONSOLE = "/devices/virtual/tty/console";

test("words act on what each /dev has, which is as ever when they go; its console is never the host's", async () => {
  await using scene = await openScene();
  const { kernel } = scene;
  const zero = { MAJOR: "1", MINOR: "5", DEVNAME: "zero", DEVMODE: "0666" };
  kernel.plug(ZERO, { subsystem: "mem", properties: zero });
  kernel.plug(CONSOLE, { subsystem: "tty", properties: { MAJOR: "5", MINOR: "1", DEVNAME: "console" } });
  const { pid, cgroup } = kernel.container();
  const box = await scene.attach({ pid, dev: "auto", cgroup: "auto", allow: ["preset=base,mode=0600,access=r"] });
  const node = (name: string) => kernel.deviceDirectory("/run/bridge/.dev/box")?.get(name);
  expect(node("zero")).toMatchObject({ minor: 5, mode: 0o600 });
  expect(["r", "w"].map((access) => cgroup.mayOpen(`c 1:5 ${access}`))).toEqual([true, false]);
  expect(node("console")).toMatchObject({ major: 1, minor: 3 });
  const { channels, node: meant } = await box.explain(CONSOLE);
  expect([channels["dev"], meant]).toEqual(["ok", undefined]);
  await box.setPolicy({ deny: ["preset=base"] });
  expect(node("zero")).toMatchObject({ minor: 5, mode: 0o666 });
  expect(cgroup.mayOpen("c 1:5 w")).toBe(true);
});
