import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { UID_BASE } from "../container.js";
import { Program } from "../inside/program.js";
import { until } from "../listener.js";
import { childrenOf } from "../processes.js";
import { Stack } from "../stack.js";
import { temporaryDirectory } from "../temporary.js";
import { IDS, makeRoot, nameOfContainer } from "./engines.js";
import type { Engine, Order, Running } from "./engines.js";

const DOCKER = "/usr/bin/docker"; // of the package
const SECONDS = 60; // until a daemon, or a container of it, runs
const REMAPPED = { user: "nobody", group: "nogroup" }; // root's ids are never mapped
/** It ends with us, and all that it started with it. */
const ALONE = ["--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"];
/** The ids that it may map are those of a file of the test's, and what it leaves in these directories goes with its mount namespace. */
const SCRIPT = `for file in /etc/subuid /etc/subgid; do mount --bind "$0" $file || exit; done
  for directory in /run /opt /etc/docker; do mount -t tmpfs tmpfs $directory || exit; done
  exec "$@"`;

/** A daemon of the test's own, that makes no network and asks no registry, and an image in which is nothing but directories. */
export class Docker implements Engine, AsyncDisposable {
  static readonly needs = ["debian package docker.io", "debian package util-linux"] as const;
  readonly needs = Docker.needs;
  readonly name = "Docker";
  readonly #host: string;
  readonly #stack: Stack;
  readonly #image: string;

  private constructor(host: string, image: string, stack: Stack) {
    this.#host = host;
    this.#image = image;
    this.#stack = stack;
  }

  static async start(): Promise<Docker> {
    const stack = new Stack();
    try {
      const directory = stack.use(temporaryDirectory()).path;
      chmodSync(directory, 0o711); // mapped roots have to come through
      const host = `unix://${join(directory, "socket")}`;
      const daemon = startDaemon(directory, host);
      stack.use({ [Symbol.asyncDispose]: () => kill(daemon) });
      await until(() => daemon.stderr.includes("API listen on") || hasEnded(daemon), "its daemon answers", SECONDS);
      if (hasEnded(daemon)) throw new Error(daemon.stderr);
      return new Docker(host, importImage(host, join(directory, "root")), stack);
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
  }

  readonly start = async ({ command, binds, devices = [], isUser, cgroup }: Order): Promise<Running> => {
    const bound = binds.flatMap(({ source, destination }) => ["--volume", `${source}:${destination}:ro`]);
    const given = devices.flatMap((device) => ["--device", device]);
    const users = isUser ? [] : ["--userns", "host"];
    const place = ["--name", nameOfContainer(), "--network", "none", "--cgroup-parent", `/${cgroup.name}`];
    const words = ["run", "--interactive", "--rm", ...place, ...users, ...bound, ...given, this.#image, ...command];
    const program = new Program(DOCKER, ["--host", this.#host, ...words]);
    await until(() => cgroup.first > 0 || hasEnded(program), "it runs", SECONDS);
    if (hasEnded(program)) throw new Error(program.stderr);
    return { program, pid: cgroup.first };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

function startDaemon(directory: string, host: string): Program {
  const ids = join(directory, "ids");
  writeFileSync(ids, Object.values(REMAPPED).map(linesFor).join(""));
  const own = ["data-root", "exec-root", "pidfile"].map((option) => `--${option}=${join(directory, option)}`);
  const alone = ["--iptables=false", "--ip-forward=false", "--bridge=none", "--storage-driver=vfs"];
  const users = `--userns-remap=${REMAPPED.user}:${REMAPPED.group}`;
  const words = ["dockerd", `--host=${host}`, ...own, ...alone, users];
  return new Program("setpriv", [...ALONE, "--propagation", "private", "sh", "-c", SCRIPT, ids, ...words]);
}

const linesFor = (name: string): string => `${name}:${UID_BASE}:${IDS}\n`;

function importImage(host: string, root: string): string {
  mkdirSync(root);
  makeRoot(root, []);
  const input = execFileSync("tar", ["-C", root, "-c", "."]);
  return execFileSync(DOCKER, ["--host", host, "import", "-"], { input, encoding: "utf8" }).trim();
}

/** The first process of its pid namespace, and with it all others there. */
async function kill(daemon: Program): Promise<void> {
  for (const pid of childrenOf(daemon.process.pid ?? 0)) process.kill(pid, "SIGKILL");
  await daemon.end();
}

const hasEnded = ({ process }: Program): boolean => process.exitCode !== null || process.signalCode !== null;
