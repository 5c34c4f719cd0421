import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { LedgerText, Sent } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { afterEach, expect, test } from "vitest";

import { LOOP0, LOOP1, disk, headers } from "./scene.js";

/** What relays have written down, a file for each way to do so: all of them are read for good. */
const KEPT = join(import.meta.dirname, "kept");
const SAMPLES = readdirSync(KEPT).toSorted((a, b) => Number.parseInt(a) - Number.parseInt(b));
const STATE = "/run/state";
const LEDGER = `${STATE}/.told/box`;
const [LOOP2, LOOP3, MOVED] = ["loop2", "loop3", "moved"].map((name) => `/devices/virtual/block/${name}`) as [
  string,
  string,
  string,
];

/** The text of a ledger; bytes are in base64. */
interface Sample {
  readonly base: string;
  readonly entries: readonly (string | Sent)[];
}

let relays: Relay[] = [];
afterEach(async () => {
  for (const relay of relays) await relay.close();
  relays = [];
});

/** Three disks, and a container with a listener and a reader, to whom nothing has been said. */
class Machine {
  readonly kernel = new FakeKernel();
  readonly #container = this.kernel.container();
  readonly #ears = [this.kernel.directory("/run/box").bind("a.sock", { queue: 100 }), this.#container.reader()];

  constructor() {
    for (const [i, devpath] of [LOOP0, LOOP1, LOOP2].entries()) this.kernel.plug(devpath, disk(i));
  }

  /** What each is told by a relay that starts. */
  async start(): Promise<string[][]> {
    const relay = await openRelay({ kernel: this.kernel, runtimeDir: "/run", stateDir: STATE });
    relays.push(relay);
    const deliver = { socket: "/run/box", netlink: "kernel" } as const;
    await relay.attach({ name: "box", pid: this.#container.pid, allow: ["subsystem=block"], deliver });
    await this.kernel.idle();
    await relay.settle();
    await this.kernel.idle();
    return this.#ears.map((each) => headers(each.readAll()));
  }

  /** What is said before the relay is killed that leaves the ledger. */
  happen(): void {
    this.kernel.change(LOOP0, { properties: { MOOD: "good" } });
    this.kernel.move(LOOP2, MOVED);
    this.kernel.plug(LOOP3, disk(3));
    this.kernel.unplug(LOOP3);
  }
}

test.each(SAMPLES)("who was told as %s says is told the difference, and nothing else", async (file) => {
  const machine = new Machine();
  machine.happen();
  machine.kernel.putLedger(LEDGER, textOf(JSON.parse(readFileSync(join(KEPT, file), "utf8")) as Sample));
  machine.kernel.unplug(LOOP1);
  const difference = [`remove@${LOOP1}`];
  expect(await machine.start()).toEqual([difference, difference]);
});

test("what is written down is what the newest of them says: whoever changes that adds one", async () => {
  const newest = SAMPLES.at(-1) ?? "";
  expect(`${JSON.stringify(sampleOf(await leave()), undefined, 2)}\n`).toBe(readFileSync(join(KEPT, newest), "utf8"));
});

/** What a relay leaves that is killed, and began with what one before it had left. */
async function leave(): Promise<LedgerText> {
  const machine = new Machine();
  await machine.start();
  await relays[0]?.close();
  await machine.start();
  machine.happen();
  await machine.kernel.idle();
  machine.kernel.kill();
  const { before } = machine.kernel.openLedger(LEDGER);
  if (typeof before !== "object") throw new Error(`nothing was left: ${before}`);
  return before;
}

function sampleOf({ base, entries }: LedgerText): Sample {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return { base: base64(base), entries: entries.map((each) => (each instanceof Uint8Array ? base64(each) : each)) };
}

function textOf({ base, entries }: Sample): LedgerText {
  const bytes = (base64: string) => Buffer.from(base64, "base64");
  return { base: bytes(base), entries: entries.map((each) => (typeof each === "string" ? bytes(each) : each)) };
}
