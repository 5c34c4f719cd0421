import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { addLoop, removeLoop } from "@uevent-bridge/linux/testing";
import { expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { System } from "./inside/system.js";
import { devpathOf, plugLoop } from "./loops.js";
import { SysStage } from "./sys-stage.js";

vi.setConfig({ testTimeout: 60_000 }); // processes start slowly on a machine that is busy

const needed = needs("root", "loop devices");
const ON_A_BUS = "/devices/virtual/workqueue/writeback"; // every kernel has it

/** A directory of the host's that has at each of its places what the relay makes, removes or mounts on in a `/sys`. */
class Victim {
  readonly path: string;

  constructor(path: string, replaced: string, devices: readonly string[]) {
    this.path = path;
    const number = (devpath: string) => readFileSync(`/sys${devpath}/dev`, "latin1").trim();
    const places = devices.flatMap((devpath) => [
      ...["class/block", "bus/block/devices", "block"].map((place) => `${place}/${basename(devpath)}`),
      `dev/block/${number(devpath)}`,
    ]);
    places.push(`bus/workqueue/devices/${basename(ON_A_BUS)}`);
    for (const place of ["class/net", "dev/char", "bus/block/devices", ...devices.map((each) => each.slice(1))])
      this.#inside(replaced, place, (at) => mkdirSync(at, { recursive: true, mode: 0o700 }));
    for (const place of places)
      this.#inside(replaced, place, (at) => {
        mkdirSync(dirname(at), { recursive: true, mode: 0o700 });
        writeFileSync(at, "the host's");
      });
  }

  /** All that is in it, and what is mounted there. */
  look(): readonly string[] {
    const mounts = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
    return [
      ...readdirSync(this.path, { recursive: true, encoding: "utf8" }).toSorted(),
      ...mounts.filter((line) => line.includes(this.path)),
    ];
  }

  #inside(replaced: string, place: string, make: (at: string) => void): void {
    if (place.startsWith(`${replaced}/`)) make(join(this.path, place.slice(replaced.length + 1)));
  }
}

test.each(["class", "class/block", "bus", "dev", "dev/block", "block", "devices", "devices/virtual/block"])(
  "where a root with all capabilities of the host has put a symlink in the place of its /sys/%s nothing of the host's is made, removed or mounted on, and it is said",
  needed,
  async (replaced) => {
    await using stage = await SysStage.start("unshare");
    await using innocent = await System.startPrivileged();
    const { box, relay, whole, first, hidden } = stage;
    const number = plugLoop();
    const later = devpathOf(number);
    const victim = new Victim(join(stage.directory, "victim"), replaced, [whole, first, hidden, later]);
    removeLoop(number);
    const container = await stage.attach({ allow: [whole, later] });
    const other = await relay.attach({ name: "other", pid: innocent.pid, sysfs: "auto", allow: [later] });
    const warnings: string[] = [];
    container.on("warning", ({ code }) => warnings.push(code));
    const others: string[] = [];
    other.on("warning", ({ code }) => others.push(code));
    const before = victim.look();

    box.run("sh", "-c", `umount -l /sys/${replaced}/* 2>/dev/null; mount -o remount,bind,rw /sys`);
    box.run(
      "sh",
      "-c",
      `cd /sys && find ${replaced} -depth -mount -exec sh -c 'umount -l "$0"; rm -d "$0"' {} ';' 2>/dev/null`,
    );
    box.run("ln", "-sn", victim.path, `/sys/${replaced}`);
    await container.allow(stage.hidden, ON_A_BUS);
    await other.allow(stage.hidden);
    addLoop(number);
    try {
      await relay.settle();
      expect(innocent.exists(`/sys/class/block/${basename(later)}/uevent`)).toBe(true);
      expect(victim.look()).toEqual(before);
    } finally {
      removeLoop(number);
    }
    await relay.settle();
    expect(innocent.exists(`/sys${later}`)).toBe(false);
    await container.deny(stage.hidden, ON_A_BUS);
    await container.deny(whole);
    await relay.settle();
    expect(victim.look()).toEqual(before);
    await container.detach();
    expect(victim.look()).toEqual(before);
    expect(new Set(warnings)).toEqual(new Set(["PATH_UNUSABLE"]));
    expect(others).toEqual([]);
  },
);
