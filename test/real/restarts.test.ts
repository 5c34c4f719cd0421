import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { openLinux } from "@uevent-bridge/linux";
import { listen, listenRaw } from "@uevent-bridge/listener";
import type { Listener } from "@uevent-bridge/listener";
import type { Container, Relay } from "@uevent-bridge/relay";
import { isMalformed, toUevent } from "@uevent-bridge/uevent";
import { openRelay } from "uevent-bridge";
import { describe, expect, test, vi } from "vitest";

import { History } from "../../packages/relay/test/history.js";
import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { randomFrom } from "./churn/random.js";
import { RandomDisks, disksOfSysfs } from "./disks.js";
import { temporaryDirectory } from "./temporary.js";

const RESTARTS = Number(process.env["RESTARTS"] ?? 5);
const SEED = Number(process.env["RESTARTS_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
const DISKS = 9;
/** One in so many relays is killed before it has told all. */
const KILLED_EARLY = 5;
const EARLY_MS = 600;
const PATIENCE_MS = 20_000;
vi.setConfig({ testTimeout: 60_000 + 5000 * RESTARTS });

const needed = needs("root", "loop devices", "unix-dgram");

describe(`${RESTARTS} times the relay is killed and starts again (seed ${SEED})`, needed, () => {
  test("a listener and a relay in the container know each time what there is, and tell nothing twice", async () => {
    using place = temporaryDirectory();
    const random = randomFrom(SEED);
    using disks = new RandomDisks(DISKS, place.path, random);
    const box = join(place.path, "box");
    mkdirSync(box, { mode: 0o700 });
    await using outside = new Outside(box, disks.devpaths.slice(0, -3)); // some that the container may not see
    const sees = disks.devpaths.filter((_, i) => i % 2 === 0); // some of them, and one of the others

    await using listener = await listen({ dir: box });
    await using relay = await openRelay({ from: box });
    const inner = await relay.attach({ name: newName(), allow: sees, deliver: { socket: join(place.path, "inner") } });
    const mark = disks.devpaths[0] ?? ""; // nothing happens to it
    await using program = await Program.start(join(place.path, "inner"), mark);

    let before: ReadonlyMap<string, string | undefined> = new Map();
    for (let i = 0; i < RESTARTS; i++) {
      if (i % KILLED_EARLY === 0) await outside.startAndKill(random() * EARLY_MS);
      const told = toldAnew(listener, relay);
      outside.start();
      await told;
      await relay.settle();
      await program.caughtUp(inner);

      const truth = disksOfSysfs(outside.allowed);
      const inside = new Map([...truth].filter(([devpath]) => sees.includes(devpath)));
      const now = ofSysfs([...inside.keys()]);
      const stayed = [...now.keys()].filter((devpath) => now.get(devpath) === before.get(devpath));
      expect(diskseqs(listener.devices), `restart ${i}: the listener`).toEqual(truth);
      expect(await incarnations(inner), `restart ${i}: the relay in the container`).toEqual(now);
      expect(program.disks, `restart ${i}: the program`).toEqual(inside);
      expect(program.faults, `restart ${i}: what the program was told`).toEqual([]);
      expect(stayed.filter(program.added()), `restart ${i}: told again, although they stayed`).toEqual([]);
      before = now;

      for (let step = random() * 6; step > 0; step--) disks.step();
      await outside.kill();
      for (let step = random() * 6; step > 0; step--) disks.step();
    }
    await relay.close();
    await listener.close();
    expect(readdirSync(box)).toEqual([]);
  });
});

/** The relay on the host, as the command. */
class Outside implements AsyncDisposable {
  readonly allowed: readonly string[];
  readonly #args: readonly string[];
  #attach: Cli | undefined;

  constructor(box: string, allowed: readonly string[]) {
    this.allowed = allowed;
    const rules = allowed.flatMap((devpath) => ["--allow", devpath]);
    this.#args = ["attach", newName(), "--socket", box, ...rules];
  }

  start(): void {
    this.#attach = new Cli(this.#args);
  }

  async startAndKill(afterMs: number): Promise<void> {
    this.start();
    await wait(afterMs);
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#attach?.process.kill("SIGKILL");
    expect(await this.#attach?.exit()).toBe("SIGKILL");
    this.#attach = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#attach?.[Symbol.asyncDispose]();
  }
}

/** A program in the container in the container. */
class Program implements AsyncDisposable {
  readonly #listener: Awaited<ReturnType<typeof listenRaw>>;
  readonly #history = new History(true);
  readonly #mark: string;
  readonly #diskseqs = new Map<string, string | undefined>();
  #added = new Set<string>();
  #marks = 0;

  private constructor(listener: Awaited<ReturnType<typeof listenRaw>>, mark: string) {
    this.#listener = listener;
    this.#mark = mark;
    listener.on("datagram", (bytes) => this.#hear(bytes));
  }

  static async start(dir: string, mark: string): Promise<Program> {
    return new Program(await listenRaw({ dir }), mark);
  }

  get faults(): readonly string[] {
    return this.#history.faults;
  }

  /** What it was told and not taken back, with the DISKSEQ that was told last. */
  get disks(): ReadonlyMap<string, string | undefined> {
    return new Map([...this.#history.told].map((devpath) => [devpath, this.#diskseqs.get(devpath)]));
  }

  /** Whether a device was added since this was asked the last time. */
  added(): (devpath: string) => boolean {
    const added = this.#added;
    this.#added = new Set();
    return (devpath) => added.has(devpath);
  }

  /** Has one device told once more, of which nothing else is told: all that was told before has been heard then. */
  async caughtUp(container: Container): Promise<void> {
    const marks = this.#marks;
    expect(await container.trigger(this.#mark)).toBe(1);
    await vi.waitUntil(() => this.#marks > marks, { timeout: PATIENCE_MS, interval: 1 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
  }

  #hear(bytes: Uint8Array): void {
    const event = toUevent(bytes);
    if (isMalformed(event)) throw new Error(event.malformed);
    this.#history.hear(bytes);
    this.#diskseqs.set(event.devpath, event.env.get("DISKSEQ"));
    if (event.action === "add") this.#added.add(event.devpath);
    if (event.action === "change" && event.devpath === this.#mark) this.#marks++;
  }
}

/** Resolves when a relay has told all, the listener and the one in the container. */
function toldAnew(listener: Listener, relay: Relay): Promise<unknown> {
  return Promise.all([
    inTime("the listener is told all anew", (heard) => listener.once("resync", heard)),
    inTime("the relay in the container is", (heard) => relay.once("gap", heard)),
  ]);
}

function inTime(what: string, hear: (heard: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`waited in vain until ${what}`)), PATIENCE_MS);
    hear(() => {
      clearTimeout(patience);
      resolve();
    });
  });
}

function diskseqs(devices: Listener["devices"]): ReadonlyMap<string, string | undefined> {
  return new Map([...devices].map(([devpath, event]) => [devpath, event.env.get("DISKSEQ")]));
}

async function incarnations(container: Container): Promise<ReadonlyMap<string, string | undefined>> {
  return new Map((await container.devices()).map(({ devpath, incarnation }) => [devpath, incarnation]));
}

function ofSysfs(devpaths: readonly string[]): ReadonlyMap<string, string | undefined> {
  const { devices } = openLinux();
  try {
    return new Map(devpaths.map((devpath) => [devpath, devices.incarnation(devpath)]));
  } finally {
    devices.close();
  }
}
