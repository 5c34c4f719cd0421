import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { describe, expect, test, vi } from "vitest";

import { History } from "../../../relay/test/history.js";
import { needs } from "../../../../test/needs.js";
import { randomFrom } from "../../../../test/real/churn/random.js";
import type { Nest } from "./nest.js";
import { openNest } from "./nest.js";

const ROUNDS = 100;
const SEED = Number(process.env["NESTED_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
const MARK = "/devices/mark0";
const NAMES = ["a0", "a1", "b0", "b1"];
const SUBSYSTEMS = ["block", "tty"];

vi.setConfig({ testTimeout: 120_000 });

/** Devices three deep that come, go, change and move at random. */
class Machine {
  readonly kernel = new FakeKernel();
  readonly #devices = new Map<string, string>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
    for (const name of SUBSYSTEMS) this.kernel.subsystem(name);
    this.kernel.plug(MARK, { subsystem: "block" });
  }

  step(): void {
    const above = this.#random() < 0.5 ? "/devices" : this.#pick([...this.#devices.keys(), "/devices"]);
    const devpath = `${above}/${this.#pick(NAMES)}`;
    const devices = [...this.#devices.keys()];
    const what = this.#random();
    if (devpath.split("/").length < 6 && !this.#devices.has(devpath)) return this.#come(devpath, what, devices);
    const victim = this.#pick(devices);
    if (what < 0.4) return this.#go(victim);
    this.kernel.change(victim, { properties: { N: `${Math.floor(this.#random() * 9)}` } });
  }

  /** Its place is free: something comes, or what was elsewhere. */
  #come(devpath: string, what: number, devices: readonly string[]): void {
    const from = devices.find(
      (each) => !devpath.startsWith(`${each}/`) && !devices.some((d) => d.startsWith(`${each}/`)),
    );
    if (what < 0.25 && from !== undefined) return this.#move(from, devpath);
    const subsystem = this.#pick(SUBSYSTEMS);
    this.kernel.plug(devpath, { subsystem });
    this.#devices.set(devpath, subsystem);
  }

  #move(from: string, to: string): void {
    this.kernel.move(from, to);
    this.#devices.set(to, this.#devices.get(from) ?? "");
    this.#devices.delete(from);
  }

  #go(devpath: string): void {
    this.kernel.unplug(devpath);
    for (const each of this.#devices.keys()) if (isAtOrBelow(each, devpath)) this.#devices.delete(each);
  }

  /** What `subsystem=block` outside and `sysname=a*|mark*` inside let in. */
  seen(): string[] {
    const all: [string, string][] = [...this.#devices, [MARK, "block"]];
    const outside = all.filter(([path]) =>
      all.some(([above, subsystem]) => subsystem === "block" && isAtOrBelow(path, above)),
    );
    const told = outside.map(([path]) => path);
    return told.filter((path) => told.some((above) => /\/(a|mark)\d$/.test(above) && isAtOrBelow(path, above))).sort();
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)] as T;
  }
}

const isAtOrBelow = (path: string, above: string): boolean => path === above || path.startsWith(`${above}/`);

describe(`${ROUNDS} times, whatever happens (seed ${SEED})`, needs("unix-dgram"), () => {
  test("the relay outside starts again, a program in a container in the container was told the truth, and a history", async () => {
    const random = randomFrom(SEED);
    const machine = new Machine(random);
    const { kernel } = machine;
    await using nest = await openNest({ kernel, allow: ["sysname=a*|mark*"], outer: ["subsystem=block"] });
    await nest.hears(1);
    const history = new History(true);
    let read = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (let steps = random() * 12; steps > 0; steps--) {
        machine.step();
        if (random() < 0.2) await kernel.idle();
      }
      await nest.stop();
      for (let steps = random() * 12; steps > 0; steps--) machine.step();
      await kernel.idle();
      const holed = new Promise<void>((resolve) => nest.relay.once("gap", () => resolve()));
      await nest.start("subsystem=block");
      for (let steps = random() * 6; steps > 0; steps--) machine.step(); // while it tells what there is
      await holed;
      await nest.relay.settle();
      await marked(nest, kernel);
      const told = (): string[] => {
        for (const bytes of nest.datagrams.slice(read)) history.hear(bytes);
        read = nest.datagrams.length;
        return [...history.told.keys()].sort();
      };
      // who is told the difference may be told of the mark before the rest
      await expect.poll(told, { timeout: 10_000, message: `round ${round}` }).toEqual(machine.seen());
      expect(history.faults, `round ${round}`).toEqual([]);
    }
  });
});

/** Resolves when the program has heard of one more change: all that was said before has been told by then. */
async function marked(nest: Nest, kernel: FakeKernel): Promise<void> {
  const marks = () => nest.heard().filter((header) => header === `change@${MARK}`).length;
  const before = marks();
  kernel.change(MARK);
  await vi.waitUntil(() => marks() > before, { timeout: 10_000, interval: 1 });
}
