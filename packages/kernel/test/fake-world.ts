import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { FakeContainer, FakeFolder, FakeListener } from "@uevent-bridge/kernel/testing";
import type {
  Containers,
  Events,
  Holds,
  KnownDevices,
  Plug,
  TestContainer,
  TestDev,
  TestDirectory,
  TestFolder,
  TestListener,
  TestSys,
  TestUse,
  World,
  WorldOptions,
} from "@uevent-bridge/kernel/contract";

import { fakeCgroup } from "./fake-cgroup.js";
import { fakeOwnDev } from "./fake-own-dev.js";

const DIRECTORY = "/run/test/box";
const DEV = "/run/test/box.dev";
const SYS = "/run/test/box.sys";
const OWNER = { uid: 100_000, gid: 100_000 };
const DISK = "/devices/virtual/block/loop0";
const PART = `${DISK}/loop0p1`;
const DRIVEN = "/devices/pci0000:00/0000:00:01.0";
const USER_PID = 500_000;
const FORGER = { portId: 4711, pid: 815, uid: 1000 };

/** A world on a FakeKernel, with every ability. */
export function makeFakeWorld({ receiveBuffer }: WorldOptions): Promise<World> {
  const fake = new FakeKernel({ receiveBuffer: receiveBuffer ?? 1 << 20 });
  const devices = knownDevices(fake);
  return Promise.resolve({
    kernel: fake,
    devices,
    events: events(fake),
    plug: plug(fake),
    directory: directory(fake),
    containers: containers(fake),
    holds: holds(fake),
    dev: dev(fake),
    sys: sys(fake),
    cgroup: fakeCgroup(fake, fake.cgroup("/sys/fs/cgroup/box")),
    settle: () => fake.idle(),
    close: () => {},
  });
}

function knownDevices(fake: FakeKernel): KnownDevices {
  const properties = { MAJOR: "7", MINOR: "0", DEVNAME: "loop0", DEVTYPE: "disk" };
  fake.plug(DRIVEN, { subsystem: "pci", driver: "virtio-pci", properties: { PCI_CLASS: "10000" } });
  fake.plug(DISK, { subsystem: "block", properties, udev: { links: ["/dev/disk/by-id/a"] } });
  fake.plug(PART, { subsystem: "block", attributes: { size: "2048", slow: "1" } });
  fake.kobject(`${DISK}/queues/0`, "queues");
  fake.kobject("/module/loop", "module");
  fake.hang(PART, "slow");
  return {
    devpath: PART,
    subsystem: "block",
    attribute: { name: "size", value: "2048" },
    stuck: { devpath: PART, name: "slow" },
    udev: { devpath: DISK, links: ["/dev/disk/by-id/a"] },
  };
}

function events(fake: FakeKernel): Events {
  return {
    say(first, count) {
      for (let n = first; n < first + count; n++) fake.change(DISK, { extras: { SYNTH_ARG_N: String(n) } });
    },
    numberOf(datagram) {
      const number = /\0SYNTH_ARG_N=(\d+)\0/.exec(datagram)?.[1];
      return number === undefined ? undefined : Number(number);
    },
    forge: { say: (bytes) => fake.emit(bytes, FORGER) },
  };
}

function plug(fake: FakeKernel): Plug {
  const devpath = "/devices/virtual/block/loop77";
  const properties = { MAJOR: "7", MINOR: "77", DEVNAME: "loop77", DEVTYPE: "disk" };
  return {
    devpath,
    plug: () => fake.plug(devpath, { subsystem: "block", properties }),
    unplug: () => fake.unplug(devpath),
  };
}

function directory(fake: FakeKernel): TestDirectory {
  return {
    path: DIRECTORY,
    ...OWNER,
    make: () => void fake.directory(DIRECTORY),
    exists: () => fake.hasDirectory(DIRECTORY),
    bind: (name) => listener(fake.directory(DIRECTORY).bind(name)),
    odd: (name, kind) => {
      odd(fake.directory(DIRECTORY), name, kind);
      if (kind === "file") fake.file(`${DIRECTORY}/${name}`);
    },
    symlink: (name) => fake.directory(DIRECTORY).odd(name, "symlink"),
  };
}

function odd(folder: FakeFolder, name: string, kind: "file" | "directory" | "stream"): void {
  if (kind === "stream") folder.bind(name, { denied: true });
  else folder.odd(name, kind);
}

function listener(fake: FakeListener): TestListener {
  return {
    inode: fake.inode,
    read: () => fake.read(),
    close: () => fake.close(),
    unlink: () => fake.unlink(),
    rename: (name) => fake.rename(name),
  };
}

function containers(fake: FakeKernel): Containers {
  let count = 0;
  return {
    start: (userns) => {
      const box = fake.container({ userns, path: `/run/netns/${count++}` });
      box.lacks.add("/no/such/program");
      return Promise.resolve(container(fake, box));
    },
  };
}

function container(fake: FakeKernel, box: FakeContainer): TestContainer {
  const devpath = "/devices/virtual/net/dummy0";
  let users = 0;
  return {
    pid: box.pid,
    path: box.path ?? "",
    netns: box.netns.inode,
    root: { uid: box.user.uid, gid: box.user.gid },
    reader: (options) => box.reader(options),
    helper: { program: "/sbin/hotplug", ran: () => box.helpers.flatMap(({ ran }) => ran.map(headOf)) },
    net: { plug: () => (fake.plug(devpath, { subsystem: "net", netns: box }), devpath) },
    mount: ({ at = DIRECTORY, readOnly = false } = {}) => mount(fake.directory(DIRECTORY), box, at, readOnly),
    uses: { open: () => use(box, "open", USER_PID + ++users), map: () => use(box, "mapped", box.pid) },
    cgroup: { make: () => fakeCgroup(fake, box.cgroup) },
    ownDev: { make: () => fakeOwnDev(fake, box) },
    end: () => box.end(),
  };
}

function use(box: FakeContainer, how: "open" | "mapped", pid: number): TestUse {
  const device = { type: "char", major: 1, minor: how === "open" ? 7 : 5 } as const;
  const opened = box.use(device, { how, pid });
  return { pid, device, hasEnded: () => !opened.isOpen };
}

/** `ACTION@DEVPATH SUBSYSTEM` of an event. */
function headOf(bytes: Uint8Array): string {
  const pairs = new TextDecoder().decode(bytes).split("\0");
  const subsystem = pairs.find((pair) => pair.startsWith("SUBSYSTEM="))?.slice("SUBSYSTEM=".length);
  return `${pairs[0]} ${subsystem}`;
}

function mount(folder: FakeFolder, { places }: FakeContainer, at: string, isReadOnly: boolean): TestFolder {
  places.mount(at, folder, { isReadOnly });
  return {
    path: folder.path,
    bind: (name) => listener(folder.bind(name)),
    odd: (name, kind) => odd(folder, name, kind),
    symlink: (name) => folder.odd(name, "symlink"),
    remove: () => places.mount(at, folder, { isReadOnly, isRemoved: true }),
  };
}

function dev(fake: FakeKernel): TestDev {
  return {
    path: DEV,
    ...OWNER,
    entries: ({ path }) => new Map(fake.deviceDirectory(path)),
    exists: () => fake.deviceDirectory(DEV) !== undefined,
    bind: ({ path }) => void (fake.container().dev = path),
    leave(entries) {
      const directory = fake.openDeviceDirectory(DEV, OWNER);
      for (const [name, entry] of Object.entries(entries)) directory.put(name, entry);
      fake.kill();
    },
  };
}

function sys(fake: FakeKernel): TestSys {
  const [whole, other] = ["/devices/virtual/block/loop1", "/devices/virtual/block/loop2"];
  const devices = [whole, `${whole}/loop1p1`, `${whole}/loop1p2`, other] as const;
  for (const devpath of devices) {
    const attributes = devpath === whole ? { "queue/read_ahead_kb": "128" } : {};
    fake.plug(devpath, { subsystem: "block", attributes, silent: true });
  }
  const found = (path: string) => fake.sysDirectory(path)?.devices ?? new Map<string, readonly string[]>();
  return {
    path: SYS,
    ...OWNER,
    devices,
    attribute: "queue/read_ahead_kb",
    finds: ({ path }) => devices.filter((devpath) => found(path).has(devpath)),
    links: ({ path }) => devices.filter((devpath) => fake.sysDirectory(path)?.linked.includes(devpath)),
    mayWrite: ({ path }, devpath) => found(path).get(devpath)?.includes("queue/read_ahead_kb") ?? false,
    exists: () => fake.sysDirectory(SYS) !== undefined,
    bind: ({ path }) => void (fake.container().sys = path),
    leave(shown) {
      const directory = fake.openSysDirectory(SYS, OWNER);
      for (const devpath of shown) directory.show(devpath);
      fake.kill();
    },
  };
}

function holds(fake: FakeKernel): Holds {
  return {
    afterSource(steps) {
      const source = fake.openSource({ group: "kernel", onBatch: () => {} });
      for (const step of steps) if (step !== "open") source[step]();
      const held = fake.holdsProcess;
      source.close();
      return held;
    },
    afterDirectory(steps) {
      const opened = fake.openDirectory(DIRECTORY, { uid: 0, gid: 0 });
      for (const step of steps) if (step !== "open") opened[step]();
      const held = fake.holdsProcess;
      opened.close();
      return held;
    },
  };
}
