import { randomUUID } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { agentPath } from "@uevent-bridge/agent";
import { BATCH_SIZE } from "@uevent-bridge/kernel";
import type { Kernel, SourceOptions, Target } from "@uevent-bridge/kernel";
import type { Events, Plug, TestSys, World, WorldOptions } from "@uevent-bridge/kernel/contract";
import { openLinux } from "@uevent-bridge/linux";
import { addLoop, removeLoop } from "@uevent-bridge/linux/testing";

import { loadAddon } from "../../src/addon.js";
import type { Agent } from "./agent.js";
import type { DeviceCgroups } from "../../src/rights/cgroups.js";
import { cgroupsOf } from "../../src/rights/cgroups.js";
import { Cgroup } from "./cgroups.js";
import { Boxes } from "./containers.js";
import { Dev } from "./devs.js";
import { Folder } from "./directory.js";
import type { Holder } from "./holds.js";
import { isRoot } from "./privilege.js";
import { Sys } from "./sys.js";

const SETTLE = 60; // ms
const HIGH = 4000; // loop devices of this number and above are nobody's

/** What all worlds of a test file share: made once, ended by its caller. */
export interface Common {
  readonly devices: World["devices"];
  /** A process in namespaces of its own, with a sysfs that it may write to and a network device `numbers0`. */
  readonly agent: Agent;
  readonly holder: Holder;
  /** The path of a loop device of the file's own, where it may make one. */
  readonly loop: string | undefined;
  /** A disk with two partitions and another one, where it may make them. */
  readonly disks: TestSys["devices"] | undefined;
}

/** This machine, with events of a loop device of our own. Needs root. */
export function makeHostWorld(common: Common, { receiveBuffer }: WorldOptions, hierarchy?: Hierarchy): World {
  const folder = new Folder();
  const kernel = openLinux({
    lockDirectory: join(folder.base, "locks"),
    agent: agentPath,
    ...(receiveBuffer && { receiveBuffer }),
  });
  const uevent = `/sys${common.loop}/uevent`;
  const events = numbered((texts) => texts.forEach((text) => writeFileSync(uevent, text)));
  const forge = { say: (bytes: Uint8Array) => void loadAddon().forgeUevent(bytes) };
  return world(common, { kernel, folder, events: { ...events, forge }, plug: loopPlug(), hierarchy });
}

/** A network namespace that this user made, with events of its network devices. Needs no root. */
export function makeOwnWorld(common: Common, { receiveBuffer }: WorldOptions): World {
  const folder = new Folder();
  const { agent } = common;
  const linux = openLinux({
    lockDirectory: join(folder.base, "locks"),
    agent: agentPath,
    ...(receiveBuffer && { receiveBuffer }),
  });
  const target = linux.openTarget({ pid: agent.pid });
  const devices = target.openDevices();
  const kernel: Kernel = { ...linux, devices, openSource: (options) => target.openSource(inItsIds(target, options)) };
  const events = numbered((texts) => agent.ask<void>("write", "/sys/class/net/numbers0/uevent", texts));
  const forge = { say: (bytes: Uint8Array) => agent.ask<void>("forge", bytes) };
  const close = (): void => [devices, target].forEach((opened) => opened.close());
  return world(common, { kernel, folder, events: { ...events, forge }, plug: linkPlug(agent), close });
}

/** Uids as the namespace itself counts them: its root is 0, and so is the kernel there. */
function inItsIds(target: Target, { group, onBatch }: SourceOptions): SourceOptions {
  const uids = new Uint32Array(BATCH_SIZE);
  return {
    group,
    onBatch(batch) {
      batch.uids.forEach((uid, i) => (uids[i] = uid === target.root.uid ? 0 : uid));
      onBatch({ ...batch, uids });
    },
  };
}

interface Parts extends Pick<World, "kernel" | "events"> {
  readonly plug: Plug & { end(): Promise<void> | void };
  readonly folder: Folder;
  readonly close?: () => void;
  readonly hierarchy?: Hierarchy | undefined;
}

/** Where it is said what may be opened: cgroup v2, or the controller `devices` of v1. */
export type Hierarchy = keyof DeviceCgroups;

/** One that is mounted, if it is not said which. */
function homesOf(hierarchy: Hierarchy | undefined): string[] {
  const homes = cgroupsOf(process.pid);
  const home = hierarchy === undefined ? (homes.unified ?? homes.devices) : homes[hierarchy];
  return home === undefined ? [] : [home];
}

function world({ devices, disks, holder }: Common, { kernel, folder, events, plug, close, hierarchy }: Parts): World {
  const leaver = { holder, locks: join(folder.base, "locks") };
  const boxes = new Boxes(folder.base, leaver);
  const dev = new Dev(folder.base, leaver);
  const sys = disks ? new Sys(folder.base, disks, leaver) : undefined;
  const cgroup = new Cgroup(homesOf(hierarchy), leaver);
  return {
    kernel,
    events,
    plug,
    devices,
    directory: folder,
    containers: boxes,
    holds: holder.holds(folder),
    dev: isRoot ? dev : { missing: "needs root" },
    sys: sys ?? { missing: "needs root" },
    cgroup: isRoot ? cgroup : { missing: "needs root" },
    settle: () => new Promise((resolve) => setTimeout(resolve, SETTLE)),
    async close() {
      await boxes.close();
      await plug.end();
      close?.();
      dev.close();
      sys?.close();
      cgroup.remove();
      folder.close();
    },
  };
}

/** Synthetic events, known again by a UUID of the world's own. */
function numbered(write: (texts: string[]) => void | Promise<void>): Omit<Events, "forge"> {
  const uuid = randomUUID();
  const mark = new RegExp(`SYNTH_UUID=${uuid}\\0SYNTH_ARG_N=(\\d+)\\0`);
  return {
    say: (first, count) => write(Array.from({ length: count }, (_, i) => `change ${uuid} N=${first + i}`)),
    numberOf(datagram) {
      const number = mark.exec(datagram)?.[1];
      return number === undefined ? undefined : Number(number);
    },
  };
}

function loopPlug(): Parts["plug"] {
  const number = HIGH + (process.pid % 1000);
  const path = `/devices/virtual/block/loop${number}`;
  return {
    devpath: path,
    plug: () => addLoop(number),
    unplug: () => removeLoop(number),
    end: () => (existsSync(`/sys${path}`) ? removeLoop(number) : undefined),
  };
}

function linkPlug(agent: Agent): Parts["plug"] {
  let plugged = false;
  const unplug = async (): Promise<void> => {
    await agent.ask("deleteLink", "coming0");
    plugged = false;
  };
  return {
    devpath: "/devices/virtual/net/coming0",
    async plug() {
      await agent.ask("createVeth", "coming0", "coming1");
      plugged = true;
    },
    unplug,
    end: () => (plugged ? unplug() : undefined),
  };
}
