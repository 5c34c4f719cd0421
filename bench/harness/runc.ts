import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LINKS = ["bin", "sbin", "lib", "lib64"]; // of a system whose programs are all in /usr
const DIRECTORIES = ["usr", "proc", "dev", "tmp"];

/** A container that runc runs: what one would grant a device without a relay. */
export interface RuncBox extends Disposable {
  /** `runc --root …`, a subcommand, and what comes behind it, of this container. */
  command(subcommand: string, options?: readonly string[], behind?: readonly string[]): readonly string[];
}

/** @returns nothing where there is no runc */
export function startRunc(directory: string): RuncBox | undefined {
  if (spawnSync("runc", ["--version"], { stdio: "ignore" }).status !== 0) return undefined;
  const bundle = join(directory, "bundle");
  makeBundle(bundle);
  const id = `uevent-bridge-bench-${process.pid}`;
  const command: RuncBox["command"] = (subcommand, options = [], behind = []) => {
    return ["runc", "--root", join(directory, "state"), subcommand, ...options, id, ...behind];
  };
  const run = (...words: Parameters<RuncBox["command"]>): void => {
    const [program = "", ...args] = command(...words);
    execFileSync(program, args, { stdio: "ignore" });
  };
  run("run", ["--detach", "--bundle", bundle]);
  return { command, [Symbol.dispose]: () => run("delete", ["--force"]) };
}

function makeBundle(bundle: string): void {
  const rootfs = join(bundle, "rootfs");
  for (const name of DIRECTORIES) mkdirSync(join(rootfs, name), { recursive: true });
  for (const name of LINKS.filter((each) => isLink(`/${each}`)))
    symlinkSync(readlinkSync(`/${name}`), join(rootfs, name));
  writeFileSync(join(bundle, "config.json"), JSON.stringify(config()));
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function config(): object {
  const capabilities = ["CAP_MKNOD"];
  const sets = { bounding: capabilities, effective: capabilities, permitted: capabilities };
  return {
    ociVersion: "1.0.2",
    root: { path: "rootfs", readonly: true },
    process: {
      cwd: "/",
      user: { uid: 0, gid: 0 },
      args: ["sleep", "infinity"],
      env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      capabilities: sets,
    },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/usr", type: "bind", source: "/usr", options: ["rbind", "ro"] },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["mode=755"] },
      { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["mode=755"] },
    ],
    linux: {
      namespaces: ["network", "mount", "pid", "ipc"].map((type) => ({ type })),
      resources: { devices: [{ allow: false, access: "rwm" }] },
    },
  };
}
