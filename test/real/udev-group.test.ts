import { chmodSync } from "node:fs";

import { openLinux } from "@uevent-bridge/linux";
import type { Container, Deliver } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { encodeUdev } from "@uevent-bridge/uevent";
import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import type { Consumer } from "./consumers/consumer.js";
import {
  byDevtype,
  byOtherDevtype,
  byOtherTag,
  byTag,
  enumerate,
  startLibudev,
  udevadmUdev,
} from "./consumers/libudev.js";
import { say } from "./consumers/say.js";
import { UID_BASE } from "./container.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const HOST_ROOT = 0; // it has no id in the container
const needed = needs("root", "loop devices", "debian package udev", "debian package python3-pyudev");

/** A container that was started with what the relay has it bind in, and two disks of which it may see the first. */
interface Stage extends AsyncDisposable {
  readonly box: Container;
  readonly system: System;
  readonly mine: string;
  readonly hidden: string;
}

async function openStage(deliver: Deliver = { netlink: "udev" }): Promise<Stage> {
  const stack = new Stack();
  const directory = stack.use(temporaryDirectory());
  chmodSync(directory.path, 0o711); // the container's root has to come through
  const [mine = "", hidden = ""] = stack.use(withLoops(2)).devices;
  const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: directory.path }));
  const box = await relay.attach({ name: "box", allow: [mine], deliver });
  const system = stack.use(await System.start(box.mounts));
  await box.join({ pid: system.pid });
  return { box, system, mine, hidden, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

/** A message of udevd for a disk; `tags` and hashes are right. */
function message(devpath: string): Uint8Array {
  return encodeUdev([
    ["ACTION", "change"],
    ["DEVPATH", devpath],
    ["SUBSYSTEM", "block"],
    ["DEVTYPE", "disk"],
    ["SEQNUM", "1"],
    ["TAGS", ":systemd:"],
    ["CURRENT_TAGS", ":systemd:"],
    ["USEC_INITIALIZED", "1"],
  ]);
}

const KINDS = [udevadmUdev, byDevtype, byTag];

describe(`${KINDS.map(({ name }) => name).join(", ")} in a container without udevd`, () => {
  test("hear the events of their device and none of another's", needed, async () => {
    await using stage = await openStage();
    const [add, changed] = [`add@${stage.mine}`, `change@${stage.mine}`];
    const consumers = await startAll(stage, add);
    for (let i = 0; i < 3; i++) for (const devpath of [stage.hidden, stage.mine]) change(devpath);
    await allHear(consumers, [changed, changed, changed], "the last event is heard");
    for (const heard of consumers.map((each) => each.heard())) {
      const last = heard.lastIndexOf(add); // whoever listens already hears once more what a newcomer is told
      expect(heard).toEqual([...Array<string>(last + 1).fill(add), changed, changed, changed]);
    }
  });

  test("are deaf to the host's root, which is nobody there", needed, async () => {
    await using stage = await openStage();
    await stage.box.forget(stage.mine);
    const consumers = await startAll(stage);
    say(stage.system, HOST_ROOT, message(stage.hidden));
    say(stage.system, UID_BASE, message(stage.mine));
    await allHear(consumers, [`change@${stage.mine}`], "they hear the container's root");
    expect(consumers.map((each) => each.heard())).toEqual(KINDS.map(() => [`change@${stage.mine}`]));
  });

  test("are deaf for ever where there was no /run/udev/control when they started", needed, async () => {
    await using stage = await openStage({ netlink: "off" });
    const before = stage.system.readers(2);
    const consumers = KINDS.map((kind) => kind.launch(stage.system));
    stage.system.run("sleep", "1");
    say(stage.system, UID_BASE, message(stage.mine));
    stage.system.run("sleep", "0.2");
    expect([stage.system.readers(2) - before, ...consumers.flatMap((each) => each.heard())]).toEqual([0]);
  });
});

/** One after the other: who comes while another is told its coldplug hears that, and its own later. */
async function startAll({ system }: Stage, coldplug?: string): Promise<readonly Consumer[]> {
  const consumers: Consumer[] = [];
  for (const kind of KINDS) {
    const consumer = await startLibudev<Consumer>(kind, system);
    if (coldplug) await allHear([consumer], [coldplug], "the coldplug is heard");
    consumers.push(consumer);
  }
  return consumers;
}

/** Resolves when each has heard these last. */
async function allHear(consumers: readonly Consumer[], events: readonly string[], what: string): Promise<void> {
  const isHeard = (each: Consumer) => each.heard().slice(-events.length).join() === events.join();
  await until(() => consumers.every(isHeard), what);
}

describe.each([
  { kind: byDevtype, name: byDevtype.name, field: 24 },
  { kind: byTag, name: byTag.name, field: 32 },
])("$name in a container", ({ kind, field }) => {
  test("is deaf to a message with a wrong hash", needed, async () => {
    await using stage = await openStage();
    await stage.box.forget(stage.mine);
    const consumer = await startLibudev(kind, stage.system);
    const wrong = message(stage.hidden);
    wrong.fill(0, field, field + 4);
    wrong.fill(0, field + 4, field + 8);
    say(stage.system, UID_BASE, wrong);
    say(stage.system, UID_BASE, message(stage.mine));
    await until(() => consumer.heard().length > 0, "it hears the right one");
    expect(consumer.heard()).toEqual([`change@${stage.mine}`]);
  });
});

describe("programs of libudev in a container without udevd", () => {
  test("filters pass over what they are not for", needed, async () => {
    await using stage = await openStage();
    const others = [await startLibudev(byOtherDevtype, stage.system), await startLibudev(byOtherTag, stage.system)];
    const all = await startLibudev(udevadmUdev, stage.system);
    await until(() => all.heard().length > 0, "the coldplug is heard");
    change(stage.mine);
    await until(() => all.heard().includes(`change@${stage.mine}`), "the event is heard");
    expect(others.map((other) => other.heard())).toEqual([[], []]);
  });

  test("properties are udev's: a path for its node, tags, and that it is ready", needed, async () => {
    await using stage = await openStage();
    const monitor = await startLibudev(udevadmUdev, stage.system);
    await until(() => monitor.properties().has("TAGS"), "the coldplug is heard");
    const name = stage.mine.split("/").at(-1);
    const properties = Object.fromEntries(monitor.properties());
    expect(properties).toMatchObject({ ACTION: "add", DEVNAME: `/dev/${name}`, SUBSYSTEM: "block", TAGS: ":systemd:" });
    expect(properties["USEC_INITIALIZED"]).toMatch(/^[1-9]\d*$/);
  });

  test("enumeration finds exactly the devices that it may see, by tag too", needed, async () => {
    await using stage = await openStage();
    await stage.box.settle();
    expect([enumerate(stage.system), enumerate(stage.system, "systemd"), enumerate(stage.system, "seat")]).toEqual([
      [stage.mine],
      [stage.mine],
      [],
    ]);
    await stage.box.allow(stage.hidden);
    await stage.box.settle();
    expect([...enumerate(stage.system)].sort()).toEqual([stage.mine, stage.hidden].sort());
    await stage.box.forget(stage.mine);
    await stage.box.settle();
    expect(enumerate(stage.system)).toEqual([stage.hidden]);
  });

  test("udevadm info shows what the event said", needed, async () => {
    await using stage = await openStage();
    const monitor = await startLibudev(udevadmUdev, stage.system);
    await until(() => monitor.properties().has("TAGS"), "the coldplug is heard");
    const shown = stage.system.run("udevadm", "info", "--query=property", `/sys${stage.mine}`).trimEnd().split("\n");
    const said = monitor.properties();
    for (const key of ["DEVNAME", "DEVLINKS", "TAGS", "USEC_INITIALIZED"]) {
      expect(shown.find((line) => line.startsWith(`${key}=`))).toBe(
        said.has(key) ? `${key}=${said.get(key)}` : undefined,
      );
    }
  });
});
