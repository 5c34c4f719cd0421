import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";

import type { Helper, HelperOptions } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { bytesOf } from "./bytes-path.js";
import { confinementOf, mayNotRun } from "./confinement.js";
import type { Confinement } from "./confinement.js";
import { systemError } from "./errno.js";
import { noProcess } from "./errors.js";
import { O_PATH } from "./flags.js";
import { inodeOf } from "./namespaces.js";
import { SocketPeer } from "./peer.js";

const START_MS = 5000;
const END_MS = 3000;
const SAID_MAX = 1024; // characters of a sentence
const NOT_FOUND = 127;

/** Where a program is to run. */
export interface HelperPlace {
  readonly addon: Addon;
  /** Finds the program that enters. */
  readonly agent: (() => string) | undefined;
  readonly pid: number;
  readonly pidfd: number;
}

/** @throws KernelError TARGET_SHARES_HOST, TARGET_GONE, PATH_UNUSABLE, NO_PRIVILEGE, ADDON_MISSING */
export async function openHelper(place: HelperPlace, options: HelperOptions): Promise<Helper> {
  const { addon, agent, pid, pidfd } = place;
  if (agent === undefined) throw notInstalled("no program was named that enters a container");
  const confinement = readConfinement(place);
  const channel = addon.openChannel();
  if (typeof channel === "number") throw systemError("socketpair", channel);
  const [ours, theirs] = channel;
  const helper = new EnteredHelper(addon, ours, confinement.isFiltered);
  try {
    const child = spawnIn(agent(), { pid, pidfd, theirs, confinement, program: options.program });
    helper.watch(child);
    await begun(child, pid, options.program);
    helper.listen(child, options.onTrouble);
  } catch (error) {
    helper.close();
    throw error;
  } finally {
    closeSync(theirs);
  }
  return helper;
}

function readConfinement({ pid, pidfd, addon }: HelperPlace): Confinement {
  try {
    if (inodeOf(`/proc/${pid}/ns/user`) === inodeOf("/proc/self/ns/user")) throw sharesUserns(pid);
    return confinementOf(pid);
  } catch (cause) {
    if (addon.processHasEnded(pidfd) !== 0) throw noProcess(pid, `process ${pid} has ended`);
    if (cause instanceof KernelError) throw cause;
    throw mayNotRun(pid, "it cannot be looked at", "run as root, or as the user who made the container", cause);
  }
}

interface Entry {
  readonly pid: number;
  readonly pidfd: number;
  readonly theirs: number;
  readonly confinement: Confinement;
  readonly program: string;
}

/** Nothing of ours comes along but what it needs: who is root in there sees the rest of a process that it can reach. */
function spawnIn(agent: string, { pid, pidfd, theirs, confinement, program }: Entry): ChildProcess {
  const { namespaces, capabilities, oomScoreAdj, noNewPrivs, cgroups } = confinement;
  const limits = confinement.limits.map(({ soft, hard }) => `${soft}:${hard},`).join("");
  const places = openPlaces(pid, confinement);
  try {
    const held = [`${cgroups.length}`, `${capabilities}`, oomScoreAdj, noNewPrivs ? "1" : "0", limits];
    return spawn(agent, ["enter", `${namespaces}`, ...held, program], {
      detached: true,
      env: {},
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe", pidfd, theirs, ...places],
    });
  } catch (cause) {
    throw notInstalled(`${agent} does not start`, cause);
  } finally {
    for (const fd of places) closeSync(fd);
  }
}

/** The process's root, and the files by which its cgroups are joined. */
function openPlaces(pid: number, { cgroups }: Confinement): readonly number[] {
  const paths = [`/proc/${pid}/root`, ...cgroups];
  const opened: number[] = [];
  for (const [i, path] of paths.entries()) {
    try {
      opened.push(openSync(bytesOf(path), i === 0 ? O_PATH : constants.O_WRONLY));
    } catch (cause) {
      for (const fd of opened) closeSync(fd);
      throw mayNotRun(pid, `${path} cannot be opened`, "run the relay as root", cause);
    }
  }
  return opened;
}

/** Resolves when it listens. */
function begun(child: ChildProcess, pid: number, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const note = (text: Buffer): void => void (said = (said + text.toString()).slice(0, SAID_MAX));
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      child.stderr?.off("data", note);
      settle();
    };
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      done(() => reject(failed(pid, program, "it does not begin", 1)));
    }, START_MS);
    child.stderr?.on("data", note);
    child.stdout?.once("data", () => done(resolve));
    child.once("error", (cause) => done(() => reject(notInstalled(`${child.spawnfile} does not start`, cause))));
    child.once("close", (status) =>
      done(() => reject(failed(pid, program, said.trim() || "it ended at once", status))),
    );
  });
}

class EnteredHelper extends SocketPeer implements Helper {
  readonly ended: Promise<void>;
  readonly lacksFilter: boolean;
  #hasEnded: () => void = () => {};
  #child: ChildProcess | undefined;

  constructor(addon: Addon, fd: number, lacksFilter: boolean) {
    super(addon, fd);
    this.lacksFilter = lacksFilter;
    this.ended = new Promise((resolve) => (this.#hasEnded = resolve));
  }

  /** Both it and what runs in the container have these open to their end. */
  watch(child: ChildProcess): void {
    this.#child = child;
    child.once("close", () => this.#hasEnded());
  }

  /** From now on it holds the process no more. */
  listen(child: ChildProcess, onTrouble: (sentence: string) => void): void {
    eachLine(child.stderr, (line) => onTrouble(line.replace(/^uevent-agent: /, "")));
    child.stdout?.resume();
    hold(child, false);
  }

  /** It ends when it hears that nobody is at the other end; what it runs has a second for that. */
  override close(): void {
    if (this.fd < 0) return; // its outlet closes it too
    super.close();
    const child = this.#child;
    if (!child) return this.#hasEnded();
    hold(child, true); // whoever waits for its end is to see it
    const timer = setTimeout(() => this.#abandon(child), END_MS);
    void this.ended.then(() => clearTimeout(timer));
  }

  /** What the kernel does not let end. */
  #abandon(child: ChildProcess): void {
    child.kill("SIGKILL");
    for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
    this.#hasEnded();
  }
}

/** Whether it holds our process. */
function hold(child: ChildProcess, isHeld: boolean): void {
  const how = isHeld ? "ref" : "unref";
  child[how]();
  for (const pipe of [child.stdout, child.stderr]) (pipe as Socket | null)?.[how]();
}

/** What is beyond the bound of a line is dropped, before there is an end of it. */
function eachLine(stream: Readable | null, onLine: (line: string) => void): void {
  let line = "";
  stream?.setEncoding("utf8").on("data", (chunk: string) => {
    for (const [i, part] of chunk.split("\n").entries()) {
      if (i > 0) onLine(line);
      line = ((i > 0 ? "" : line) + part).slice(0, SAID_MAX);
    }
  });
}

function sharesUserns(pid: number): KernelError {
  return new KernelError(
    "TARGET_SHARES_HOST",
    `process ${pid} has no user namespace of its own, so that a program which we start there would have our rights`,
    "run `uevent-agent hotplug` in the container, or give that a user namespace of its own",
  );
}

function notInstalled(message: string, cause?: unknown): KernelError {
  return new KernelError("ADDON_MISSING", message, "install @uevent-bridge/agent again, or build it", { cause });
}

function failed(pid: number, program: string, said: string, status: number | null): KernelError {
  const problem = said.replace(/^uevent-agent: /, "");
  if (status !== NOT_FOUND)
    return mayNotRun(pid, problem, "run the relay as root, or as the user who made the container");
  return new KernelError(
    "PATH_UNUSABLE",
    `${program} cannot be run in the container of pid ${pid}: ${problem}`,
    "give a program that is there",
  );
}
