import { isDeepStrictEqual } from "node:util";

import { openRelay } from "uevent-bridge";
import type { Relay } from "uevent-bridge";

import type { AllShown, BoxName, Plugged, TouchReport, Tried } from "../report.js";
import { BOXES } from "../boxes.js";
import { isUdevBusy, roundsOf } from "./host.js";
import { makeProbe } from "./probe.js";
import type { Qemu } from "./qemu.js";
import { linksIn, TouchBox } from "./touch-box.js";
import { find, identityOf, isThere, LANES, nodeOf } from "./toys.js";
import type { Toy } from "./toys.js";
import { waitSoon } from "./wait.js";

const SIZE = 16_777_216; // bytes

/** Containers of crun, whose programs touch what they can while devices come and go. */
export async function touch(qemu: Qemu): Promise<TouchReport> {
  addBackends(qemu);
  makeProbe();
  await using relay = await openRelay();
  const warnings: string[] = [];
  const warn = (message: string): void => {
    console.log(`touch: ${message}`); // who waits in vain writes no report
    warnings.push(message);
  };
  relay.on("warning", ({ message }) => warn(message));
  const boxes = await startBoxes(relay, warn);
  const rounds = roundsOf();
  const before = show(boxes);
  const plugged = await new Hand(qemu, boxes).plug(rounds);
  const after = show(boxes);
  const reports = await Promise.all([...boxes].map(async ([name, box]) => [name, await box.end()] as const));
  return { rounds, plugged, before, after, warnings, boxes: Object.fromEntries(reports) as TouchReport["boxes"] };
}

type Boxes = ReadonlyMap<BoxName, TouchBox>;

function addBackends(qemu: Qemu): void {
  for (const name of ["zeroes-stick", "zeroes-disk"])
    qemu.execute("blockdev-add", { driver: "null-co", "node-name": name, size: SIZE, "read-zeroes": true });
  qemu.execute("chardev-add", { id: "silence", backend: { type: "null", data: {} } });
}

async function startBoxes(relay: Relay, warn: (message: string) => void): Promise<Boxes> {
  const boxes = new Map<BoxName, TouchBox>();
  for (const name of Object.keys(BOXES) as BoxName[]) {
    const box = await TouchBox.start(relay, { name, ...BOXES[name] });
    box.container.on("warning", ({ message }) => warn(`${name}: ${message}`));
    boxes.set(name, box);
  }
  return boxes;
}

/** What containers show that have a /sys of the relay's. */
function show(boxes: Boxes): AllShown {
  const those = [...boxes].filter(([name]) => BOXES[name].sysfs === "auto");
  return Object.fromEntries(those.map(([name, box]) => [name, box.shown()])) as AllShown;
}

/** Plugs devices in and pulls them out. */
class Hand {
  readonly #qemu: Qemu;
  readonly #boxes: Boxes;

  constructor(qemu: Qemu, boxes: Boxes) {
    this.#qemu = qemu;
    this.#boxes = boxes;
  }

  /** All lanes at once: what is in one has other numbers than what is in another. */
  async plug(rounds: number): Promise<readonly Plugged[]> {
    const plugged: Plugged[] = [];
    for (let round = 0; round < rounds; round++) {
      console.log(`touch: round ${round} at ${process.uptime().toFixed()} s`);
      const lanes = await Promise.all(LANES.map((lane) => this.#useEach(lane, round === 0)));
      plugged.push(...lanes.flat());
    }
    return plugged;
  }

  async #useEach(lane: readonly Toy[], isFirst: boolean): Promise<readonly Plugged[]> {
    const plugged: Plugged[] = [];
    for (const toy of lane) plugged.push(await this.#use(toy, isFirst && toy.isShown === true));
    return plugged;
  }

  /** Plugs it in, waits until whoever may has used it, and pulls it out. */
  async #use(toy: Toy, isShown: boolean): Promise<Plugged> {
    const { id, kind, seenBy } = toy;
    const marks = new Map([...this.#boxes].map(([name, box]) => [name, box.tried.length]));
    const said = (name: BoxName): readonly Tried[] => this.#boxes.get(name)?.tried.slice(marks.get(name)) ?? [];
    toy.plug(this.#qemu);
    await waitSoon(`${id} is there`, () => find(toy) !== undefined);
    const path = find(toy) ?? "";
    const [node, identity] = [nodeOf(toy, path), identityOf(toy, path)];
    await this.#allSay(toy, said, ({ action, devname, read }) => {
      if (kind === "keyboard" && read === undefined) this.#qemu.press("shift");
      return action === "add" && devname === node && read !== undefined;
    });
    const links = await this.#settleLinks(toy, node);
    const shown = isShown ? show(this.#boxes) : undefined; // it takes long
    await this.#probe();
    this.#qemu.unplug(id);
    await waitSoon(`${id} is gone`, () => find(toy) === undefined && !isThere(node) && !isUdevBusy());
    await this.#allSay(toy, said, ({ action, devname }) => action === "remove" && devname === node);
    await this.#probe(); // what was open is closed then, and the number free
    return { id, kind, node, identity, seenBy, links, ...(shown && { shown }) };
  }

  async #probe(): Promise<void> {
    await Promise.all([...this.#boxes.values()].map((box) => box.probe()));
  }

  /** Waits until every container that may see it has said something. */
  async #allSay(
    { id, seenBy }: Toy,
    said: (name: BoxName) => readonly Tried[],
    isSaid: (tried: Tried) => boolean,
  ): Promise<void> {
    for (const name of seenBy) {
      const stderr = (): string => this.#boxes.get(name)?.stderr ?? "";
      const where = (): string => `${name} says it of ${id}: ${JSON.stringify(said(name))} ${stderr()}`;
      await waitSoon(where, () => said(name).some(isSaid));
    }
  }

  /** Links to it on the host and in each container, when those that may see it have what the host has. */
  async #settleLinks({ id, seenBy }: Toy, node: string): Promise<Plugged["links"]> {
    const there = (dev: string): readonly string[] => linksIn(dev).filter((link) => link.endsWith(`-> ${node}`));
    const boxes = [...this.#boxes];
    const look = (): Plugged["links"] => ({
      host: there("/dev"),
      boxes: Object.fromEntries(boxes.map(([name, { dev }]) => [name, there(dev)])) as Plugged["links"]["boxes"],
    });
    const isDone = ({ host, boxes: inside }: Plugged["links"]): boolean =>
      host.length > 0 && seenBy.every((name) => isDeepStrictEqual(inside[name], host));
    await waitSoon(
      () => `the links to ${id} are everywhere: ${JSON.stringify(look())}`,
      () => isDone(look()),
    );
    return look();
  }
}
