import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { listen } from "@uevent-bridge/listener";
import type { Listener } from "@uevent-bridge/listener";
import { describe, expect, test, vi } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { randomFrom } from "./churn/random.js";
import { System } from "./inside/system.js";
import { Program } from "./inside/program.js";
import { until } from "./listener.js";
import { devpathOf } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";
import { lookAtHost } from "./view/host.js";
import type { Host } from "./view/host.js";
import { compilePrograms, Opener } from "./view/opener.js";
import { OwnCgroup } from "./view/own-cgroup.js";
import { Plugger } from "./view/plugger.js";

const KILLS = Number(process.env["KILLS"] ?? 2); // of the relay of each container
const SEED = Number(process.env["KILLS_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
const [ALLOWED, HIDDEN] = [3, 2]; // disks
const LOOP_MAJOR = 7;
const LOWEST = 1_000_000; // numbers of loop devices that no other test takes
const STARTING_MS = 1500; // in which a relay that is killed early may have started
const DETACHING_MS = 60;
const PATIENCE_S = 30;
vi.setConfig({ testTimeout: 60_000 + 10_000 * KILLS });

const needed = needs("root", "loop devices", "cgroups", "a compiler", "unix-dgram");

describe.each([
  ["with a user namespace", true],
  ["without a user namespace", false],
])(`a container %s whose relay is killed ${KILLS} times (seed ${SEED})`, needed, (_, isUser) => {
  test("has after each start what the policy says, and the host is as it was when the last one has ended", async () => {
    const random = randomFrom(SEED);
    await using stage = await KillStage.start(isUser);
    const before = stage.look();
    for (let i = 0; i < KILLS; i++) {
      await stage.plugSome(random);
      await stage.runAndKill(random);
      await stage.plugSome(random);
      await stage.startRelay();
      await stage.expectPolicy(`after kill ${i}`);
      if (random() < 0.5) await stage.endRelay();
      else await stage.killRelay();
    }
    await stage.startRelay();
    await stage.endRelay();
    expect(stage.look()).toEqual(before);
  });
});

/** A container, disks of which it may see some, and relays that are killed. */
class KillStage implements AsyncDisposable {
  readonly #stack: Stack;
  readonly #system: System;
  readonly #opener: Opener;
  readonly #plugger: Plugger;
  readonly #cgroup: OwnCgroup;
  readonly #name = newName();
  readonly #mark = randomUUID();
  readonly #pids = new Set<number>();
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
    for (const { number } of this.#disks.filter(() => random() < 0.4)) {
      if (isThere(number)) await this.#plugger.end(number);
      else await this.#plugger.disk(number);
    }
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

  async startRelay(): Promise<void> {
    const relay = this.#spawn();
    await until(
      () => /to \/sys in the container/.test(relay.stderr) || relay.process.exitCode !== null,
      "it has started",
      PATIENCE_S,
    );
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
    const inside = (path: string) => `/proc/${this.#system.pid}/root${path}`;
    const loopsIn = (path: string) =>
      readdirSync(inside(path))
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
      cgroups: [path, join(path, "..")],
      pids: this.#pids,
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

  #spawn(): Cli {
    const allow = this.#disks
      .filter(({ isAllowed }) => isAllowed)
      .flatMap(({ number }) => ["--allow", devpathOf(number)]);
    const view = ["--dev", "auto", "--cgroup", "auto", "--sysfs", "auto", "--netlink", "udev"];
    const relay = new Cli(["attach", this.#name, "--pid", `${this.#system.pid}`, ...allow, ...view], {
      env: { UEVENT_BRIDGE_TEST: this.#mark },
    });
    this.#pids.add(relay.pid);
    this.#isEnded = false;
    return (this.#relay = relay);
  }
}

/** By what the kernel says: a program inside that opens its number in time has it made anew. */
const isThere = (number: number): boolean => existsSync(`/sys${devpathOf(number)}`);

const devpathsOf = ({ devices }: Listener): readonly string[] => [...devices.keys()].toSorted();
