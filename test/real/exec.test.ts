import { agentPath } from "@uevent-bridge/agent";
import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { Stage } from "./exec-stage.js";
import { until } from "./listener.js";
import { change } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

const needed = needs("root", "loop devices", "debian package busybox-static");
const MDEV = 'loop.* 0:0 600 *echo "$ACTION@$DEVPATH" >>/run/ran\n';

describe("a program of a container that is run from outside", needed, () => {
  test("is its mdev, for its devices alone, in order", async () => {
    await using stage = await Stage.open();
    stage.system.write("/etc/mdev.conf", MDEV);
    stage.script("/run/mdev", '#!/bin/sh\nexec busybox mdev "$@"\n');
    await stage.attach("/run/mdev");
    for (let n = 0; n < 20; n++) for (const devpath of stage.devices) change(devpath);
    await until(() => stage.lines("/run/ran").length === 21, "it ran for all");
    expect(stage.lines("/run/ran")).toEqual([`add@${stage.mine}`, ...Array<string>(20).fill(`change@${stage.mine}`)]);
    expect(stage.warnings).toEqual([]);
  });

  test("that the container ends it is said; detach() leaves none", async () => {
    await using stage = await Stage.open();
    stage.script("/run/true", "#!/bin/sh\ntrap 'sleep 0.5; exit' TERM\nsleep 1000 & wait\n");
    const box = await stage.attach("/run/true");
    await until(() => stage.system.run("sh", "-c", "pgrep sleep || true") !== "", "it runs");
    await box.detach();
    expect(stage.agents()).toEqual([]);
    expect(stage.system.run("sh", "-c", "pgrep sleep || echo none").trim()).toBe("none");
    await stage.attach("/run/true");
    stage.system.run("sh", "-c", "kill -9 $(pgrep uevent-agent)");
    await until(() => stage.warnings.length > 0, "it is said");
    expect(stage.warnings).toMatchObject([{ code: "TARGET_GONE" }]);
  });

  test("ends with the relay when the container's root has stopped what runs it", async () => {
    await using stage = await Stage.open();
    stage.script("/run/note", "#!/bin/sh\necho >>/run/ran\n");
    const box = await stage.attach("/run/note");
    await until(() => stage.lines("/run/ran").length === 1, "it ran");
    stage.system.run("sh", "-c", "kill -STOP $(pgrep uevent-agent)");
    await box.detach();
    expect(stage.agents()).toEqual([]);
  });

  test("is not run for what waits, once the relay has let go of it", async () => {
    await using stage = await Stage.open();
    stage.system.write("/run/ran", "");
    stage.script("/run/slow", "#!/bin/sh\necho >>/run/ran\nsleep 1000\n");
    const box = await stage.attach("/run/slow");
    await until(() => stage.lines("/run/ran").length === 1, "it runs");
    for (let n = 0; n < 1000; n++) change(stage.mine);
    await box.settle();
    await box.detach();
    expect(stage.agents()).toEqual([]);
    expect(stage.lines("/run/ran")).toEqual([""]);
  });

  test("a relay that is closed while it begins waits for its end", async () => {
    await using stage = await Stage.open();
    stage.script("/run/true", "#!/bin/sh\n");
    const runtimeDir = stage.use(temporaryDirectory()).path;
    for (const ms of [0, 2, 4, 8]) {
      const relay = await openRelay({ kernel: openLinux({ agent: agentPath }), runtimeDir });
      const attached = relay.attach({ name: "box", pid: stage.system.pid, deliver: { exec: "/run/true" } });
      attached.catch(() => {}); // closed
      await new Promise((resolve) => setTimeout(resolve, ms));
      await relay.close();
      expect(stage.agents()).toEqual([]);
    }
  });

  test("a relay that is killed leaves none", async () => {
    await using stage = await Stage.open();
    stage.system.write("/run/ran", "");
    stage.script("/run/note", '#!/bin/sh\necho "$ACTION@$DEVPATH" >>/run/ran\n');
    const args = ["attach", newName(), "--pid", `${stage.system.pid}`, "--allow", stage.mine, "--exec", "/run/note"];
    const env = { XDG_RUNTIME_DIR: stage.use(temporaryDirectory()).path };
    await using cli = new Cli(args, { env });
    await until(() => stage.lines("/run/ran").length === 1, "it runs");
    await cli.until("stderr", /exec \/run\/note \(it is run in the container for each event\)/);
    cli.process.kill("SIGKILL");
    await until(() => stage.agents().length === 0, "all of ours are gone");
  });
});
