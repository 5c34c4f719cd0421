import { randomUUID } from "node:crypto";
import { constants, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Need } from "../../needs.js";
import { UID_BASE } from "../container.js";
import { Program } from "../inside/program.js";
import { config, withoutUserNamespace } from "../inside/runc.js";
import { System } from "../inside/system.js";
import type { Bind } from "../inside/system.js";
import { childrenOf } from "../processes.js";
import type { OwnCgroup } from "./own-cgroup.js";

export const IDS = 65_536;
const CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_MKNOD", "CAP_SYS_ADMIN"];
const DIRECTORIES = ["usr/lib", "proc", "sys", "dev", "run", "tmp", "etc"];
/** What an OCI runtime lets a container open, which lxc does not by itself. */
const RULES = ["c *:* m", "b *:* m", ...[3, 5, 7, 8, 9].map((minor) => `c 1:${minor} rwm`), "c 5:* rwm", "c 136:* rwm"];

const [NO_DEVICE, EACH_NODE] = [
  { allow: false, access: "rwm" },
  { allow: true, access: "m" },
];
/** Those that Docker and Podman give to runc. */
const DEFAULT_RULES = [NO_DEVICE, { ...EACH_NODE, type: "c" }, { ...EACH_NODE, type: "b" }];

/** A container that is to be started. */
export interface Order {
  /** Where files for it may be made. */
  readonly directory: string;
  /** Its only program, and nothing that it needs but what is bound in. */
  readonly command: readonly string[];
  readonly binds: readonly Bind[];
  /** What it may open beside what all may, at the host's paths. */
  readonly devices?: readonly string[];
  /** With a user namespace of its own: ids 0 … 65535 are 100000 … on the host. */
  readonly isUser: boolean;
  /** For an engine that makes none. */
  readonly cgroup: OwnCgroup;
}

export interface Engine {
  readonly name: string;
  readonly needs: readonly Need[];
  readonly start: (order: Order) => Promise<Running>;
}

/** A container that runs. */
export interface Running {
  /** Its program, which has our stdin and stdout. */
  readonly program: Program;
  /** Its first process, if that is another one. */
  readonly pid?: number;
  /** What ends its first process. */
  readonly end?: () => Promise<void>;
}

export const RUNC: Engine = { name: "runc", needs: ["debian package runc"], start: startRunc };
export const NSPAWN: Engine = {
  name: "systemd-nspawn",
  needs: ["debian package systemd-container"],
  start: startNspawn,
};
export const LXC: Engine = { name: "lxc", needs: ["debian package lxc"], start: startLxc };
const UNSHARE: Engine = { name: "unshare", needs: ["debian package util-linux"], start: startUnshare };

export const ENGINES: readonly Engine[] = [RUNC, NSPAWN, LXC, UNSHARE];

async function startRunc({ directory, command, binds, devices = [], isUser }: Order): Promise<Running> {
  const bundle = join(directory, "bundle");
  makeRoot(join(bundle, "rootfs"), binds);
  const mounts = binds.map((bind) => ({ ...bind, type: "bind", options: ["bind"] }));
  const base = isUser ? config(mounts) : withoutUserNamespace(config(mounts));
  const capabilities = { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES };
  const process = { ...base.process, args: command, capabilities };
  const given = devices.map(numberOf);
  const rules = given.map(({ type, major, minor }) => ({ allow: true, type, major, minor, access: "rwm" }));
  const linux = { ...base.linux, devices: given, resources: { devices: [...DEFAULT_RULES, ...rules] } };
  const spec = { ...base, process, ...(devices.length > 0 && { linux }) };
  writeFileSync(join(bundle, "config.json"), JSON.stringify(spec));
  const state = ["--root", join(directory, "state")];
  return { program: new Program("runc", [...state, "run", "--bundle", bundle, nameOfContainer()]) };
}

/** Without a machined it makes no unit: its cgroup is in that in which it is started. */
async function startNspawn({ directory, command, binds, devices = [], isUser, cgroup }: Order): Promise<Running> {
  const root = join(directory, "root");
  makeRoot(root, binds);
  writeFileSync(join(root, "usr/lib/os-release"), "ID=test\n");
  const bound = [
    ...binds.map(({ source, destination }) => `--bind=${source}:${destination}`),
    ...devices.map((device) => `--bind=${device}`),
  ];
  const users = isUser ? [`--private-users=${UID_BASE}:${IDS}`] : [];
  const apart = [
    "--quiet",
    "--register=no",
    "--keep-unit",
    "--private-network",
    "--pipe",
    `--machine=${nameOfContainer()}`,
  ];
  const [file = "", ...args] = cgroup.wrap(["systemd-nspawn", ...apart, ...users, ...bound, "-D", root, ...command]);
  return { program: new Program(file, args) };
}

async function startLxc({ directory, command, binds, devices = [], isUser }: Order): Promise<Running> {
  const [root, place, file] = [join(directory, "root"), join(directory, "lxc"), join(directory, "lxc.conf")];
  makeRoot(root, binds);
  mkdirSync(place);
  const ids = ["u", "g"].map((kind) => `lxc.idmap = ${kind} 0 ${UID_BASE} ${IDS}`);
  const lines = [
    `lxc.rootfs.path = dir:${root}`,
    `lxc.init.cmd = ${command.join(" ")}`,
    "lxc.net.0.type = empty",
    "lxc.mount.auto = proc:mixed sys:ro",
    "lxc.console.path = none",
    "lxc.mount.entry = tmpfs tmp tmpfs mode=1777 0 0",
    "lxc.mount.entry = tmpfs run tmpfs mode=755 0 0",
    ...binds.map(({ source, destination }) => `lxc.mount.entry = ${source} ${destination.slice(1)} none bind 0 0`),
    "lxc.cgroup.devices.deny = a",
    ...devices.map((device) => `lxc.mount.entry = ${device} ${device.slice(1)} none bind,create=file 0 0`),
    ...[...RULES, ...devices.map(ruleOf)].map((rule) => `lxc.cgroup.devices.allow = ${rule}`),
    ...(isUser ? ids : []),
  ];
  writeFileSync(file, lines.join("\n"));
  const start = ["lxc-start", "--foreground", "--name", nameOfContainer(), "--lxcpath", place, "--rcfile", file];
  // where it finds no newuidmap it maps the ids itself: as root it need not ask /etc/subuid
  return { program: new Program("env", ["PATH=/nonexistent", `/usr/bin/${start[0]}`, ...start.slice(1)]) };
}

async function startUnshare({ command, binds, isUser, cgroup }: Order): Promise<Running> {
  const system = await (isUser ? System.start(binds) : System.startPrivileged(binds));
  cgroup.take(system.pid);
  const [file = "", ...args] = cgroup.wrap(system.wordsFor(...command));
  return { program: new Program(file, args), pid: system.pid, end: () => system.end() };
}

/** What the root of a container needs to have. */
export function makeRoot(root: string, binds: readonly Bind[]): void {
  for (const name of [...DIRECTORIES, ...binds.map(({ destination }) => destination)])
    mkdirSync(join(root, name), { recursive: true });
}

export const nameOfContainer = (): string => `uevent-bridge-test-${randomUUID()}`;

function ruleOf(device: string): string {
  const { type, major, minor } = numberOf(device);
  return `${type} ${major}:${minor} rwm`;
}

/** As runc is told of a node. */
function numberOf(path: string) {
  const { rdev, mode } = statSync(path);
  const type = (mode & constants.S_IFMT) === constants.S_IFBLK ? "b" : "c";
  return { path, type, major: rdev >> 8, minor: rdev & 0xff, fileMode: mode & 0o7777, uid: 0, gid: 0 };
}

/** The pid on the host of its first process, which is a program of this name. */
export function firstProcess({ program, pid }: Running, name: string): number {
  if (pid !== undefined) return pid;
  const started = program.process.pid ?? 0;
  return [started, ...descendantsOf(started)].find((each) => isProgram(each, name)) ?? 0;
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function isProgram(pid: number, name: string): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0")[0]?.endsWith(`/${name}`) ?? false;
}
