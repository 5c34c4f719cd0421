import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { DeviceDirectory } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { DeviceView } from "@uevent-bridge/view";
import { expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { UID_BASE } from "./container.js";
import { Runc, config, makeRootfs } from "./inside/runc.js";
import type { OciConfig } from "./inside/runc.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

vi.setConfig({ testTimeout: 60_000 }); // processes start slowly on a machine that is busy

const needed = needs("root", "loop devices", "debian package runc", "debian package util-linux");
const CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_MKNOD"];
const EXCHANGE = "dd if=/dev/disk of=/dev/null count=1 status=none"; // opens it, and reads

const IN_A_TERMINAL = `stat -c %t:%T /dev/console /dev/pts/0; echo written >/dev/console;
  python3 -c 'import os; print(os.ttyname(os.openpty()[1]))'`;

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
}

const CASES: readonly Case[] = [
  { title: "in the host's user namespace", uid: 0, capabilities: CAPABILITIES },
  { title: "in one of its own", uid: UID_BASE, capabilities: CAPABILITIES },
  {
    title: "in one of its own, with CAP_SYS_ADMIN",
    uid: UID_BASE,
    capabilities: [...CAPABILITIES, "CAP_SYS_ADMIN"],
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
  for (const how of ["remount,rw", "remount,bind,rw", "remount,bind,rw,nosuid,noexec"])
    expect(container.exec(`mount -o ${how} /dev`), how).not.toContain("ok");
  for (const change of CHANGES) expect(container.exec(change), change).toContain("Read-only file system");
});

test.each(CASES)("runc gives it a terminal, $title", needed, async (given) => {
  await using stack = new Stack();
  const { path } = stack.use(temporaryDirectory());
  const directory = openDev(join(path, "dev"), given.uid);
  stack.use({ [Symbol.dispose]: () => directory.close() });
  const [bundle, commands] = [join(path, "bundle"), join(path, "commands")];
  mkdirSync(bundle);
  makeRootfs(path, join(bundle, "rootfs"));
  const spec = withDev(config([]), directory.path, given);
  const process = { ...spec.process, terminal: true, args: ["sh", "-c", IN_A_TERMINAL] };
  writeFileSync(join(bundle, "config.json"), JSON.stringify({ ...spec, process }));
  const id = `uevent-bridge-test-${randomUUID()}`;
  const runc = `runc --root ${join(path, "state")} run --bundle ${bundle} ${id}`;
  const { stdout } = spawnSync("script", ["-qec", runc, commands], { encoding: "utf8", input: "" });
  const said = stdout.replaceAll("^@", ""); // what script types when its own input has ended is echoed at any moment
  expect(said.replaceAll("\r", "")).toContain("88:0\n88:0\nwritten\n/dev/pts/1\n");
});

test(
  "bubblewrap binds it with its devices, and its root has it read-only",
  needs("root", "debian package bubblewrap", "debian package util-linux"),
  async () => {
    await using stack = new Stack();
    const { path } = stack.use(temporaryDirectory());
    const directory = openDev(join(path, "dev"), 0);
    stack.use({ [Symbol.dispose]: () => directory.close() });
    const run = (command: string): string => {
      const args = ["--unshare-user", "--cap-add", "ALL", "--ro-bind", "/", "/", "--dev-bind", directory.path, "/dev"];
      const { stdout } = spawnSync("bwrap", [...args, "sh", "-c", `{ ${command}; } 2>&1 && echo ok`], {
        encoding: "utf8",
      });
      return stdout;
    };
    expect(run("head -c 4 /dev/zero >/dev/null")).toBe("ok\n");
    expect(run("mount -o remount,bind,rw,nosuid,noexec /dev")).toMatch(/permission denied|not permitted/);
    for (const change of CHANGES) expect(run(change), change).toContain("Read-only file system");
  },
);

/** With what runtimes put there. */
function openDev(path: string, uid: number): DeviceDirectory {
  const directory = openLinux().openDeviceDirectory(path, { uid: 0, gid: 0 });
  const fail = (error: unknown): never => {
    throw error;
  };
  const toHost = (ids: { uid: number; gid: number }) => ({ uid: ids.uid + uid, gid: ids.gid + uid });
  new DeviceView({ directory, toHost, onTrouble: fail }).caughtUp();
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
