import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import type { Batch } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import type { Keeper } from "@uevent-bridge/linux";
import { expect, onTestFinished, test } from "vitest";

import { needs } from "../needs.js";
import { ROOT } from "../packages.js";
import { change, withLoops } from "./loops.js";

const SMALL = 8192; // bytes of receive buffer
const TOO_MANY = 500; // events for it
const NAMES = ["uevent-source", "uevent-memory", "uevent-hole"];
const NEXT = `
  import { openLinux } from ${JSON.stringify(join(ROOT, "packages/linux/dist/index.js"))};
  const kept = new Map(process.argv.slice(1).map((name, i) => [name, 3 + i]));
  const keeper = { kept, keep() {}, forget() {} };
  const source = openLinux({ keeper }).openSource({ group: "kernel", onBatch() {} });
  console.log(JSON.stringify({ isTaken: source.last !== undefined, overrun: source.last?.overrun }));
  source.close();`;

/** Keeps descriptors of this process, as long as it has them open itself. */
class Names implements Keeper {
  readonly kept = new Map<string, number>();
  readonly #now = new Map<string, number>();

  keep(name: string, fd: number): void {
    this.#now.set(name, name === "uevent-source" ? fd : openSync(`/proc/self/fd/${fd}`, "r+"));
  }

  forget(name: string): void {
    closeSync(this.#now.get(name) ?? -1);
    this.#now.delete(name);
  }

  get names(): readonly string[] {
    return [...this.#now.keys()];
  }

  /** What the next process makes of them. */
  async handOver(): Promise<unknown> {
    const stdio = ["ignore", "pipe", "inherit", ...this.#now.values()] as const;
    const args = ["--input-type=module", "-e", NEXT, ...this.names];
    const next = spawn(process.execPath, args, { stdio: [...stdio] });
    const [said] = await Promise.all([text(next.stdout as NodeJS.ReadableStream), once(next, "close")]);
    return JSON.parse(said);
  }

  close(): void {
    for (const name of NAMES.slice(1)) if (this.#now.has(name)) this.forget(name);
  }
}

const needed = needs("root", "loop devices");

test(
  "a hole behind what was read last is known to the process that comes after, until all that waited has been read",
  needed,
  async () => {
    using loops = withLoops(1);
    const [devpath = ""] = loops.devices;
    const keeper = new Names();
    onTestFinished(() => keeper.close());
    let drained = false;
    const onBatch = (batch: Batch): boolean => (drained = batch.drained);
    const source = openLinux({ keeper, receiveBuffer: SMALL }).openSource({ group: "kernel", onBatch });
    onTestFinished(() => source.close());
    expect(keeper.names).toEqual(NAMES.slice(0, 2));
    expect(await keeper.handOver()).toEqual({ isTaken: true, overrun: false });

    for (let i = 0; i < TOO_MANY; i++) change(devpath);
    source.drain(); // more than it reads at once waits
    expect(keeper.names).toEqual(NAMES);
    expect(await keeper.handOver()).toEqual({ isTaken: true, overrun: true });

    do source.drain();
    while (!drained);
    expect(keeper.names).toEqual(NAMES.slice(0, 2));
    expect(await keeper.handOver()).toEqual({ isTaken: true, overrun: false });
  },
);
