import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { openLinux } from "@uevent-bridge/linux";
import { listen, listenRaw } from "@uevent-bridge/listener";
import type { Listener } from "@uevent-bridge/listener";
import type { Container } from "@uevent-bridge/relay";
import { isMalformed, toUevent } from "@uevent-bridge/uevent";
import { openRelay } from "uevent-bridge";
import { describe, expect, test, vi } from "vitest";

import { writeFigures } from "../../scripts/reliability.mjs";
import { History } from "../../packages/relay/test/history.js";
import { newName } from "../cli.js";
import { needs } from "../needs.js";
import { randomFrom } from "./churn/random.js";
import { RandomDisks, disksOfSysfs } from "./disks.js";
import { Reader } from "./collector/reader.js";
import { startContainer } from "./container.js";
import { Outside } from "./outside.js";
import { spread } from "./spread.js";
import { temporaryDirectory } from "./temporary.js";

const RESTARTS = Number(process.env["RESTARTS"] ?? 3);
const SEED = Number(process.env["RESTARTS_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
const DISKS = 9;
/** One in so many relays is killed before it has told all. */
const KILLED_EARLY = 5;
const EARLY_MS = 600;
/** Milliseconds in which it may be killed while it tells what happened. */
const MIDDLE_MS = 4;
const PATIENCE_MS = 20_000;
const LARGE_BUFFER = 4 << 20;
const SMALL_BUFFER = 2000;
vi.setConfig({ testTimeout: 60_000 + 5000 * RESTARTS });

const needed = needs("root", "loop devices", "unix-dgram");

describe(`${RESTARTS} times the relay is killed and starts again (seed ${SEED})`, needed, () => {
  test("programs, a listener and a relay in the container know each time what there is, and are told nothing twice", async () => {
    using place = temporaryDirectory();
    const random = randomFrom(SEED);
    using disks = new RandomDisks(DISKS, place.path, random);
    const box = join(place.path, "box");
    mkdirSync(box, { mode: 0o700 });
    const sees = disks.devpaths.filter((_, i) => i % 2 === 0); // some of them, and one of the others
    const mark = disks.devpaths[0] ?? ""; // nothing happens to it
    await using outside = new Outside(["--socket", box], disks.devpaths.slice(0, -3), mark); // some that the container may not see

    await using listener = await listen({ dir: box });
    await using relay = await openRelay({ from: box });
    const inner = await relay.attach({ name: newName(), allow: sees, deliver: { socket: join(place.path, "inner") } });
    await using within = await Program.start(join(place.path, "inner"), mark);
    await using program = await Program.start(box, mark);
    await outside.start();
    await toldAll(listener, outside.allowed);
    await outside.marks(within, program);
    const anew: string[] = []; // who was told all once more
    listener.on("resync", () => anew.push("the listener"));
    relay.on("gap", () => anew.push("the relay in the container"));

    const restarts: Restart[] = [];
    for (let i = 0; i < RESTARTS; i++) {
      const { heard } = program;
      for (let step = random() * 6; step > 0; step--) disks.step();
      await wait(random() * MIDDLE_MS);
      await outside.kill();
      for (let step = random() * 6; step > 0; step--) disks.step();
      if (i % KILLED_EARLY === 0) await outside.startAndKill(random() * EARLY_MS);
      const since = performance.now();
      await outside.start();
      await outside.marks(within, program);
      restarts.push({ heard: program.heard - heard, ms: performance.now() - since });

      const truth = disksOfSysfs(outside.allowed);
      const inside = new Map([...truth].filter(([devpath]) => sees.includes(devpath)));
      expect(program.disks, `restart ${i}: the program`).toEqual(truth);
      expect(program.faults, `restart ${i}: what the program was told`).toEqual([]);
      await expect.poll(() => diskseqs(listener.devices), { message: `restart ${i}: the listener` }).toEqual(truth);
      expect(await incarnations(inner), `restart ${i}: the relay in the container`).toEqual(
        ofSysfs([...inside.keys()]),
      );
      expect(within.disks, `restart ${i}: the program within`).toEqual(inside);
      expect(within.faults, `restart ${i}: what the program within was told`).toEqual([]);
      expect(anew, `restart ${i}`).toEqual([]);
    }
    await relay.close();
    await Promise.all([listener.close(), program.close()]);
    expect(readdirSync(box)).toEqual([]);
    await writeFigures("kills", figures(restarts));
  });

  test.each([
    ["a program that reads netlink too", LARGE_BUFFER],
    ["one that lost something hears it again", SMALL_BUFFER],
  ])("%s", async (_, receiveBuffer) => {
    using place = temporaryDirectory();
    const random = randomFrom(SEED);
    using disks = new RandomDisks(DISKS, place.path, random);
    await using container = await startContainer();
    const args = ["--pid", `${container.pid}`, "--netlink", "kernel", "--socket", "off"];
    await using outside = new Outside(args, disks.devpaths.slice(0, -3), "");
    await using reader = await Reader.start(container.pid, receiveBuffer);
    const loses = receiveBuffer === SMALL_BUFFER;
    await outside.start();

    for (let i = 0; i < RESTARTS; i++) {
      if (loses) reader.sleep();
      for (let step = random() * 12; step > 0; step--) disks.step();
      await wait(random() * MIDDLE_MS);
      await outside.kill();
      for (let step = random() * 6; step > 0; step--) disks.step();
      await outside.start();
      reader.wake();
      const truth = [...disksOfSysfs(outside.allowed).keys()].toSorted();
      await expect.poll(() => toldBy(reader).told, { message: `restart ${i}`, timeout: PATIENCE_MS }).toEqual(truth);
      if (!loses) expect(toldBy(reader).faults, `restart ${i}`).toEqual([]);
    }
    expect(reader.overran).toBe(loses);
  });
});

interface Restart {
  /** Datagrams that a program was told since the last one. */
  readonly heard: number;
  /** From the start of the command until all had been told. */
  readonly ms: number;
}

function figures(restarts: readonly Restart[]): string {
  const table = spread("of each", [
    ["datagrams that the program was told, with one that was asked for", restarts.map(({ heard }) => heard)],
    ["ms from the start of the next relay until all had been told", restarts.map(({ ms }) => ms)],
  ]);
  const { length } = restarts;
  return `After each of ${length} kills of ${length} these four knew what there is, and were told nothing twice.\n\n${table}`;
}

/** What a program knows that reads netlink, and what of it could not have happened. */
function toldBy({ heard }: Reader): { readonly told: readonly string[]; readonly faults: readonly string[] } {
  const history = new History(false);
  for (const bytes of heard) history.hear(bytes);
  return { told: [...history.told.keys()].toSorted(), faults: history.faults };
}

/** A program that keeps in mind what it was told. */
class Program implements AsyncDisposable {
  readonly #listener: Awaited<ReturnType<typeof listenRaw>>;
  readonly #history = new History(true);
  readonly #mark: string;
  readonly #diskseqs = new Map<string, string | undefined>();
  #marks = 0;
  /** Datagrams. */
  heard = 0;

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
    return new Map([...this.#history.told.keys()].map((devpath) => [devpath, this.#diskseqs.get(devpath)]));
  }

  /** Resolves when the mark is next heard. */
  async marked(): Promise<void> {
    const marks = this.#marks;
    await vi.waitUntil(() => this.#marks > marks, { timeout: PATIENCE_MS, interval: 1 });
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
  }

  #hear(bytes: Uint8Array): void {
    const event = toUevent(bytes);
    if (isMalformed(event)) throw new Error(event.malformed);
    this.heard++;
    this.#history.hear(bytes);
    this.#diskseqs.set(event.devpath, event.env.get("DISKSEQ"));
    if (event.action === "change" && event.devpath === this.#mark) this.#marks++;
  }
}

async function toldAll(listener: Listener, devpaths: readonly string[]): Promise<void> {
  await expect.poll(() => [...listener.devices.keys()].toSorted()).toEqual(devpaths.toSorted());
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
