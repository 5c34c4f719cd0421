import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { DeviceDirectory } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { UID_BASE } from "./container.js";
import { Runc } from "./inside/runc.js";
import type { OciConfig } from "./inside/runc.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

vi.setConfig({ testTimeout: 60_000 }); // processes start slowly on a machine that is busy

const needed = needs("root", "loop devices", "debian package runc", "debian package util-linux");
const CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_MKNOD"];
const EXCHANGE = "dd if=/dev/disk of=/dev/null count=1 status=none"; // opens it, and reads

const CHANGES = [
  "touch /dev/x",
  "mkdir /dev/x",
  "mknod /dev/x c 1 3",
  "ln -s null /dev/x",
  "rm /dev/full",
  "mv /dev/full /dev/x",
];

interface Case {
  readonly title: string;
  /** The host's id of its root. */
  readonly uid: number;
  readonly capabilities: readonly string[];
  /** Whether its root can make the mount writable. */
  readonly remounts: boolean;
}

const CASES: readonly Case[] = [
  { title: "in the host's user namespace", uid: 0, capabilities: CAPABILITIES, remounts: false },
  { title: "in one of its own", uid: UID_BASE, capabilities: CAPABILITIES, remounts: false },
  {
    title: "in one of its own, with CAP_SYS_ADMIN",
    uid: UID_BASE,
    capabilities: [...CAPABILITIES, "CAP_SYS_ADMIN"],
    remounts: true,
  },
];

test.each(CASES)("runc binds a /dev at its start, $title", needed, async (given) => {
  await using stack = new Stack();
  const { path } = stack.use(temporaryDirectory());
  const [devpath = ""] = stack.use(withLoops(1)).devices;
  const kernel = openLinux();
  const directory = openDev(join(path, "dev"), given.uid);
  stack.use({ [Symbol.dispose]: () => directory.close() });
  const container = stack.use(await Runc.start(path, [], (config) => withDev(config, directory.path, given)));

  for (const command of ["echo >/dev/null", "echo >/dev/shm/x", "echo >/dev/console"])
    expect(container.exec(command)).toBe("ok\n");
  expect(container.exec("python3 -c 'import os; os.openpty()'")).toBe("ok\n");
  expect(container.exec("stat -c %a /dev/shm")).toBe("1777\nok\n");

  const [major = 0, minor = 0] = readFileSync(`/sys${devpath}/dev`, "latin1").trim().split(":").map(Number);
  const { uid } = given;
  directory.put("disk", { kind: "node", type: "block", major, minor, mode: 0o660, uid, gid: uid });
  expect(container.exec(EXCHANGE)).toContain("Operation not permitted");
  const target = kernel.openTarget({ pid: container.pid });
  const rights = target.openDeviceRights();
  target.close();
  rights.grant({ type: "block", major, minor }, "rw");
  expect(container.exec(EXCHANGE)).toBe("ok\n");
  rights.revoke({ type: "block", major, minor });
  expect(container.exec(EXCHANGE)).toContain("Operation not permitted");
  rights.close();
  directory.remove("disk");
  expect(container.exec(EXCHANGE)).toContain("No such file");

  for (const change of CHANGES) expect(container.exec(change), change).toContain("Read-only file system");
  expect(container.exec("mount -o remount,rw /dev")).not.toContain("ok");
  expect(container.exec("mount -o remount,bind,rw /dev").includes("ok")).toBe(given.remounts);
  if (given.remounts)
    for (const change of CHANGES) expect(container.exec(change), change).toMatch(/Permission denied|not permitted/);
});

function openDev(path: string, uid: number): DeviceDirectory {
  const directory = openLinux().openDeviceDirectory(path, { uid: 0, gid: 0 });
  const node = (minor: number) =>
    ({ kind: "node", type: "char", major: 1, minor, mode: 0o666, uid, gid: uid }) as const;
  for (const [name, minor] of Object.entries({ null: 3, zero: 5, full: 7, random: 8, urandom: 9, console: 3 }))
    directory.put(name, node(minor));
  directory.put("ptmx", { kind: "link", target: "pts/ptmx" });
  for (const name of ["pts", "shm", "mqueue"]) directory.put(name, { kind: "directory" });
  chmodSync(join(directory.path, "shm"), 0o1777); // runc gives what it mounts there the mode of what was there
  return directory;
}

function withDev(config: OciConfig, source: string, { uid, capabilities }: Case): OciConfig {
  const options = ["nosuid", "noexec"];
  const { uidMappings, gidMappings, namespaces, ...linux } = config.linux;
  const sets = { bounding: capabilities, effective: capabilities, permitted: capabilities };
  return {
    ...config,
    process: { ...config.process, capabilities: sets },
    mounts: [
      ...config.mounts.map((mount) =>
        "destination" in mount && mount.destination === "/dev"
          ? { destination: "/dev", type: "bind", source, options: ["bind", "ro", ...options] }
          : mount,
      ),
      {
        destination: "/dev/pts",
        type: "devpts",
        source: "devpts",
        options: [...options, "newinstance", "ptmxmode=0666"],
      },
      { destination: "/dev/shm", type: "tmpfs", source: "shm", options: [...options, "nodev", "mode=1777"] },
      { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: [...options, "nodev"] },
    ],
    linux:
      uid === 0
        ? { ...linux, namespaces: namespaces.filter(({ type }) => type !== "user") }
        : { ...linux, namespaces, uidMappings: uidMappings ?? [], gidMappings: gidMappings ?? [] },
  };
}
