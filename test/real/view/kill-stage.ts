import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { listen } from "@uevent-bridge/listener";
import type { Listener } from "@uevent-bridge/listener";
import { expect } from "vitest";

import { Cli, newName } from "../../cli.js";
import { Program } from "../inside/program.js";
import { System } from "../inside/system.js";
import { until } from "../listener.js";
import { devpathOf } from "../loops.js";
import { Stack } from "../stack.js";
import { temporaryDirectory } from "../temporary.js";
import { lookAtHost } from "./host.js";
import type { Host } from "./host.js";
import { compilePrograms, Opener } from "./opener.js";
import { OwnCgroup } from "./own-cgroup.js";
import { Plugger } from "./plugger.js";

const [ALLOWED, HIDDEN] = [3, 2]; // disks
const LOOP_MAJOR = 7;
const LOWEST = 1_000_000; // numbers of loop devices that no other test takes
const STARTING_MS = 1500; // in which a relay that is killed early may have started
const DETACHING_MS = 60;
const PATIENCE_S = 30;
/** Calls of a relay's first thread that change something of the system's. */
const CHANGES =
  "bind,bpf,chmod,clone,fchmod,fchown,flock,fsmount,ftruncate,mkdir,mount_setattr,move_mount,pwrite64,rename,rmdir,symlink,umount2,unlink";

/** A container, disks of which it may see some, and relays that are killed. */
export class KillStage implements AsyncDisposable {
  readonly #stack: Stack;
  readonly #system: System;
  readonly #opener: Opener;
  readonly #plugger: Plugger;
  readonly #cgroup: OwnCgroup;
  readonly #name = newName();
  readonly #mark = randomUUID();
  readonly #disks: readonly { readonly number: number; readonly isAllowed: boolean }[];
  #relay: Cli | undefined;
  #isEnded = true;

  private constructor(stack: Stack, system: System, opener: Opener, plugger: Plugger, cgroup: OwnCgroup) {
    this.#stack = stack;
    this.#system = system;
    this.#opener = opener;
    this.#plugger = plugger;
    this.#cgroup = cgroup;
    const base = LOWEST + Math.floor(Math.random() * 40_000);
    this.#disks = Array.from({ length: ALLOWED + HIDDEN }, (_, i) => ({ number: base + i, isAllowed: i < ALLOWED }));
    for (const { number } of this.#disks) opener.watch(`loop${number}`, LOOP_MAJOR, number);
  }

  static async start(isUser: boolean): Promise<KillStage> {
    const stack = new Stack();
    const programs = stack.use(temporaryDirectory()).path;
    chmodSync(programs, 0o755);
    compilePrograms(programs);
    const cgroup = stack.use(new OwnCgroup());
    const plugger = stack.use(new Plugger(join(programs, "plugger")));
    const binds = [{ source: programs, destination: "/programs" }];
    const system = stack.use(await (isUser ? System.start(binds) : System.startPrivileged(binds)));
    cgroup.take(system.pid);
    const [file = "", ...args] = cgroup.wrap(
      system.wordsFor("nice", "-n", "19", "/programs/opener", "/tmp/opener.sock"),
    );
    const opener = new Opener({ program: new Program(file, args), pid: system.pid });
    stack.use({ [Symbol.asyncDispose]: () => opener.end() });
    await opener.ready();
    return new KillStage(stack, system, opener, plugger, cgroup);
  }

  /** Some disks come or go. */
  async plugSome(random: () => number): Promise<void> {
    for (const { number } of this.#disks.filter(() => random() < 0.4)) await this.#toggle(number);
  }

  /** A relay is killed while it starts, while disks come and go, or while it ends. */
  async runAndKill(random: () => number): Promise<void> {
    const kind = random();
    if (kind < 1 / 3) {
      this.#spawn();
      await wait(random() * STARTING_MS);
    } else {
      await this.startRelay();
      if (kind < 2 / 3) void wait(random() * 20);
      else this.#relay?.process.kill("SIGINT");
      const plugging = kind < 2 / 3 ? this.plugSome(random) : Promise.resolve();
      await wait(random() * DETACHING_MS);
      this.#relay?.process.kill("SIGKILL");
      await plugging;
    }
    await this.killRelay();
  }

  /**
   * A relay starts, two disks come or go, and it ends, unless it is killed before that: instead of the change that is said, counted from 1.
   * Resolves to its changes, the last of which was not made if it was killed.
   */
  async runUntil(change?: number): Promise<readonly string[]> {
    using directory = temporaryDirectory();
    const trace = join(directory.path, "trace");
    const kill = change === undefined ? [] : ["-e", `inject=${CHANGES}:signal=SIGKILL:when=${change}`];
    const relay = this.#spawn(["strace", "-D", "-qq", "-o", trace, "-e", `trace=${CHANGES}`, ...kill]);
    await until(() => hasStarted(relay) || hasEnded(relay), "it has started", PATIENCE_S);
    for (const { number, isAllowed } of this.#disks.slice(ALLOWED - 1, ALLOWED + 1)) {
      const isHere = await this.#toggle(number);
      if (isAllowed)
        await until(
          () => existsSync(this.#inside(`/dev/loop${number}`)) === isHere || hasEnded(relay),
          "it is told",
          PATIENCE_S,
        );
    }
    relay.process.kill("SIGINT");
    await relay.exit();
    this.#relay = undefined;
    return readFileSync(trace, "latin1")
      .split("\n")
      .filter((line) => /^\w+\(/.test(line));
  }

  async startRelay(): Promise<void> {
    const relay = this.#spawn();
    await until(() => hasStarted(relay) || hasEnded(relay), "it has started", PATIENCE_S);
    expect([relay.process.exitCode, relay.stderr]).toEqual([null, expect.any(String)]);
  }

  async killRelay(): Promise<void> {
    this.#relay?.process.kill("SIGKILL");
    await this.#relay?.exit();
    this.#relay = undefined;
  }

  async endRelay(): Promise<void> {
    const status = await this.#relay?.interrupt();
    expect([status, this.#relay?.stderr]).toEqual([0, expect.any(String)]);
    this.#relay = undefined;
    this.#isEnded = true;
  }

  async expectPolicy(when: string): Promise<void> {
    const sees = this.#disks.filter(({ number, isAllowed }) => isAllowed && isThere(number));
    const names = sees.map(({ number }) => `loop${number}`);
    const loopsIn = (path: string) =>
      readdirSync(this.#inside(path))
        .filter((name) => /^(loop|b7:)\d{7}$/.test(name))
        .toSorted();
    await expect.poll(() => loopsIn("/dev"), { message: `${when}: its /dev` }).toEqual(names);
    const database = sees.map(({ number }) => `b7:${number}`);
    await expect.poll(() => loopsIn("/run/udev/data"), { message: `${when}: its /run/udev` }).toEqual(database);
    await expect.poll(() => loopsIn("/sys/block"), { message: `${when}: its /sys` }).toEqual(names);
    await using listener = await listen({ dir: `/run/uevent-bridge/${this.#name}` });
    const devpaths = sees.map(({ number }) => devpathOf(number));
    await expect.poll(() => devpathsOf(listener), { message: `${when}: what is told` }).toEqual(devpaths);
    for (const { number } of this.#disks) {
      const name = `loop${number}`;
      const said = await this.#opener.try(name);
      const isSeen = names.includes(name);
      expect([when, name, said.get("node")]).toEqual([when, name, isSeen ? "OPENED" : "ENOENT"]);
      if (isSeen) continue;
      for (const way of ["own", "held", "devtmpfs"])
        expect([when, name, way, said.get(way)]).toEqual([when, name, way, expect.stringMatching(/^(EPERM|ENOENT)$/)]);
    }
  }

  /** The host, and what there is in the container of ours. */
  look(): Host & { readonly inside: readonly string[] } {
    const { path } = this.#cgroup;
    const host = lookAtHost({
      name: this.#name,
      mark: this.#mark,
      cgroup: path,
    });
    const { pid } = this.#system;
    const tables = ["mountinfo", "net/netlink", "net/unix"].map((name) =>
      readFileSync(`/proc/${pid}/${name}`, "latin1"),
    );
    return { ...host, inside: tables.flatMap((table) => table.split("\n")) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isEnded) {
      await this.killRelay();
      await this.startRelay(); // what killed ones have left goes with it
      await this.endRelay();
    }
    await this.#opener.end();
    for (const { number } of this.#disks) await this.#plugger.end(number);
    await this.#stack[Symbol.asyncDispose]();
  }

  #inside(path: string): string {
    return `/proc/${this.#system.pid}/root${path}`;
  }

  /** Comes or goes. Resolves to whether it has come. */
  async #toggle(number: number): Promise<boolean> {
    const comes = !isThere(number);
    if (comes) await this.#plugger.disk(number);
    else await this.#plugger.end(number);
    return comes;
  }

  #spawn(wrapper: readonly string[] = []): Cli {
    const allow = this.#disks
      .filter(({ isAllowed }) => isAllowed)
      .flatMap(({ number }) => ["--allow", devpathOf(number)]);
    const view = ["--dev", "auto", "--cgroup", "auto", "--sysfs", "auto", "--netlink", "udev"];
    const relay = new Cli(["attach", this.#name, "--pid", `${this.#system.pid}`, ...allow, ...view], {
      env: { UEVENT_BRIDGE_TEST: this.#mark },
      wrapper,
    });
    this.#isEnded = false;
    return (this.#relay = relay);
  }
}

/** By what the kernel says: a program inside that opens its number in time has it made anew. */
const isThere = (number: number): boolean => existsSync(`/sys${devpathOf(number)}`);

const hasStarted = ({ stderr }: Cli): boolean => stderr.includes("/fs/sys (");

const hasEnded = ({ process: { exitCode, signalCode } }: Cli): boolean => exitCode !== null || signalCode !== null;

const devpathsOf = ({ devices }: Listener): readonly string[] => [...devices.keys()].toSorted();
