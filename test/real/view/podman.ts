import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { UID_BASE } from "../container.js";
import { Program } from "../inside/program.js";
import { until } from "../listener.js";
import { IDS, makeRoot, nameOfContainer } from "./engines.js";
import type { Engine, Order, Running } from "./engines.js";

const SECONDS = 60; // until a container runs
/** What it leaves in /run goes with its mount namespace. */
const SCRIPT = 'mount -t tmpfs tmpfs /run && exec "$0" "$@"';
const APART = ["--mount", "--propagation", "private", "sh", "-c", SCRIPT];

/** With runc, as crun refuses to start where both versions of cgroups are mounted. */
export const PODMAN: Engine = {
  name: "Podman",
  needs: ["debian package podman", "debian package runc"],
  start: startPodman,
};

async function startPodman({ directory, command, binds, devices = [], isUser, cgroup }: Order): Promise<Running> {
  const [root, pidFile] = [join(directory, "root"), join(directory, "pid")];
  makeRoot(root, binds);
  if (isUser) execFileSync("chown", ["-R", `${UID_BASE}:${UID_BASE}`, root]); // it makes files there as that root
  const own = ["root", "runroot", "network-config-dir"].flatMap((name) => [
    `--${name}`,
    join(directory, `podman-${name}`),
  ]);
  const engine = [...own, "--cgroup-manager", "cgroupfs", "--storage-driver", "vfs", "--runtime", "/usr/sbin/runc"];
  const limits = ["nofile", "nproc"].flatMap((limit) => ["--ulimit", `${limit}=4096:4096`]);
  const users = isUser ? ["--uidmap", `0:${UID_BASE}:${IDS}`] : [];
  const bound = binds.flatMap(({ source, destination }) => ["--volume", `${source}:${destination}:ro`]);
  const given = devices.flatMap((device) => ["--device", device]);
  const place = ["--name", nameOfContainer(), "--network", "none", "--cgroup-parent", `/${cgroup.name}`];
  const words = [
    "run",
    "--interactive",
    "--rm",
    ...place,
    "--pidfile",
    pidFile,
    ...limits,
    ...users,
    ...bound,
    ...given,
  ];
  const program = new Program("unshare", [...APART, "podman", ...engine, ...words, "--rootfs", root, ...command]);
  const isStarted = (): boolean => existsSync(pidFile) && readFileSync(pidFile, "latin1") !== "";
  await until(() => isStarted() || program.process.exitCode !== null, "podman starts it", SECONDS);
  if (program.process.exitCode !== null) throw new Error(program.stderr);
  return { program, pid: Number(readFileSync(pidFile, "latin1")) };
}
