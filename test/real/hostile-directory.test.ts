import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { openLinux } from "@uevent-bridge/linux";
import type { Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { UID_BASE } from "./container.js";
import type { Program } from "./inside/program.js";
import { System } from "./inside/system.js";
import type { Hearer } from "./listener.js";
import { headers, openListener, until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { ownTimeUntil } from "./own-time.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const SCRIPT = new URL("hostile/directory.py", import.meta.url);
const EVENTS = 20;
/** Milliseconds of the relay within which a listener that comes is told what there is, and an event is told. */
const COLDPLUG_MS = 2000;
const EVENT_MS = 500;
/** Seconds in which an attack is made. */
const ATTACK_SECONDS = 30;
/** For which sockets and symlinks are exchanged: some hundred looks of the relay. */
const EXCHANGED_MS = 2000;

let stack: Stack;
let place: string;
let system: System;
let relay: Relay;
let mine: string;
let hidden: string;
/** A socket that is no container's, and a listener of another container. */
let elsewhere: Hearer;
let next: Hearer;

const needed = needs("root", "loop devices", "debian package python3");

beforeAll(async () => {
  stack = new Stack();
  if (needed.skip) return;
  place = stack.use(temporaryDirectory()).path;
  chmodSync(place, 0o711); // the container's root has to come through
  stack.use(memoryAt(join(place, "box")));
  system = stack.use(await System.start([{ source: join(place, "box"), destination: "/run/uevent" }]));
  [mine = "", hidden = ""] = stack.use(withLoops(2)).devices;
  const kernel = openLinux({ lockDirectory: join(place, "locks") });
  relay = stack.use(await openRelay({ kernel, runtimeDir: place, stateDir: join(place, "state") }));
  await relay.attach({ name: "another", allow: [mine] });
  next = stack.use(openListener(join(place, "another/next.sock")));
  elsewhere = stack.use(openListener(join(place, "elsewhere.sock")));
  await until(() => next.heard.length === 1, "it has its coldplug");
});
const openFiles = (): number => readdirSync("/proc/self/fd").length;
afterAll(() => stack[Symbol.asyncDispose]());

/** A directory in memory, as `/run` is, that belongs to the container's root. */
function memoryAt(path: string): Disposable {
  mkdirSync(path);
  execFileSync("mount", ["-t", "tmpfs", "-o", `mode=700,uid=${UID_BASE},gid=${UID_BASE}`, "tmpfs", path]);
  return { [Symbol.dispose]: () => void execFileSync("umount", ["--lazy", path]) };
}

/** The container while it is attacked by its own root, who goes on until it is ended. */
class Attack implements AsyncDisposable {
  readonly before: Hearer;
  readonly warnings: string[] = [];
  readonly #directory = join(place, "box");
  readonly #files = openFiles();
  readonly #stack = new Stack();
  #program: Program | undefined;

  private constructor() {
    this.#stack.use({ [Symbol.dispose]: () => this.#clear() });
    this.before = this.#listen("before");
    next.heard.length = 1;
  }

  static async start(name: string): Promise<Attack> {
    const attack = new Attack();
    const box = await relay.attach({ name: "box", pid: system.pid, allow: [mine], deliver: { socket: true } });
    attack.#stack.use(box);
    box.on("warning", ({ message }) => attack.warnings.push(message));
    await until(() => attack.before.heard.length === 1, "it has its coldplug");
    await attack.#start(name);
    return attack;
  }

  /** Another listener of the container. */
  listen(): Hearer {
    return this.#listen("after");
  }

  /** Has events happen: these hear each of their device in time, in order and once, and no other. */
  async tell(...live: readonly Hearer[]): Promise<void> {
    for (let i = 2; i < EVENTS + 2; i++) {
      for (const devpath of [hidden, mine]) change(devpath);
      const isTold = (): boolean => live.every(({ heard }) => heard.length === i);
      expect(await ownTimeUntil(isTold, "they are told")).toBeLessThan(EVENT_MS);
    }
    const history = [`add@${mine}`, ...Array<string>(EVENTS).fill(`change@${mine}`)];
    for (const { heard } of live) expect(headers(heard)).toEqual(history);
    expect(elsewhere.heard).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
    expect(this.#program?.stderr).toBe("");
    await until(() => openFiles() === this.#files, "as many descriptors are open as before");
  }

  #listen(name: string): Hearer {
    return this.#stack.use(openListener(join(this.#directory, `${name}.sock`)));
  }

  async #start(name: string): Promise<void> {
    const program = system.startPython(SCRIPT, name, join(place, "elsewhere.sock"));
    this.#program = program;
    this.#stack.use({ [Symbol.asyncDispose]: () => program.end() });
    await until(() => program.lines.length > 0 || program.stderr !== "", "it attacks", ATTACK_SECONDS);
    expect(program.stderr).toBe("");
  }

  /** Removes what the attack has left. */
  #clear(): void {
    chmodSync(this.#directory, 0o700);
    chownSync(this.#directory, UID_BASE, UID_BASE);
    for (const name of readdirSync(this.#directory, { encoding: "buffer" }))
      rmSync(Buffer.concat([Buffer.from(`${this.#directory}/`), name]), { recursive: true });
  }
}

/** Listeners before, after and elsewhere are told everything in time. @param ms for which it goes on */
async function expectHarmless(name: string, ms = 0): Promise<void> {
  await using attack = await Attack.start(name);
  const after = attack.listen();
  expect(await ownTimeUntil(() => after.heard.length === 1, "it is told")).toBeLessThan(COLDPLUG_MS);
  await attack.tell(attack.before, after, next);
  await pause(ms);
  expect(elsewhere.heard).toEqual([]);
  expect(attack.warnings).toEqual([]);
}

describe("the root of a container", needed, () => {
  test("who has a listener that never reads keeps nobody waiting", () => expectHarmless("mute"));
  test("whose listener died and left its file is in nobody's way", () => expectHarmless("dead"));
  test("who renames a listener is in nobody's way", () => expectHarmless("renames"));
  test("who puts symlinks there has nothing sent where they lead", () => expectHarmless("symlinks"));
  test("who puts a FIFO there has nobody wait at it", () => expectHarmless("fifo"));
  test("who puts files, directories and other sockets there has none of them opened", () => expectHarmless("others"));
  test("who leaves 500 dead sockets keeps no listener from being found", () => expectHarmless("many_dead"));
  test("who leaves 5000 files keeps no listener from being found", () => expectHarmless("files"));
  test("who gives sockets any names that there can be is told at those that are text", () => expectHarmless("names"));
  test("who connects a socket to itself is in nobody's way", () => expectHarmless("self_connected"));
  test("who connects one to itself that was told is in nobody's way", () => expectHarmless("self_connected_later"));
  test("who connects one socket to another is in nobody's way", () => expectHarmless("pair"));
  test("who shuts down sockets is in nobody's way", () => expectHarmless("shut"));
  test("who asks the kernel for the sender gets no power over it", () => expectHarmless("credentials"));
  test("who binds abstract names is in nobody's way", () => expectHarmless("abstract"));
  test("who links a socket to 40 names is in nobody's way", () => expectHarmless("hard_links"));
  test("who shuts the directory keeps out nobody", () => expectHarmless("shuts"));
  test("who gives the directory away keeps out nobody", () => expectHarmless("gives_away"));
  test("who mounts something over the directory does so for itself", () => expectHarmless("covers"));
  test("who changes the directory all the time delays nobody", () => expectHarmless("changes"));
  test("who binds ever new sockets delays nobody", () => expectHarmless("comes_anew"));
  test("who exchanges a socket with a symlink all the time has nothing sent there", () =>
    expectHarmless("exchanges", EXCHANGED_MS));

  test("who leaves 100 000 sockets takes nothing from those that are told, and that is said once", async () => {
    await using attack = await Attack.start("hundred_thousand");
    attack.listen();
    await attack.tell(attack.before, next);
    expect(attack.warnings).toEqual([expect.stringContaining("more than 64 sockets")]);
  });
});
