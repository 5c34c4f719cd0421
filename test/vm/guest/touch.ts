import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import { openRelay } from "uevent-bridge";

import type { BoxName, Plugged, Shown, TouchReport, Tried } from "../report.js";
import { BOXES } from "../boxes.js";
import { roundsOf, writeReport } from "./host.js";
import { makeProbe } from "./probe.js";
import { Qemu } from "./qemu.js";
import { linksIn, TouchBox } from "./touch-box.js";
import { find, identityOf, isThere, nodeOf, PAIRS } from "./toys.js";
import type { Toy } from "./toys.js";
import { waitSoon } from "./wait.js";

const TOUCHED_MS = 100; // that the programs have to open what they may not
const FIRST_PAIR = 2; // toys
const SIZE = 16_777_216; // bytes

const qemu = new Qemu();
for (const name of ["zeroes-stick", "zeroes-disk"])
  qemu.execute("blockdev-add", { driver: "null-co", "node-name": name, size: SIZE, "read-zeroes": true });
qemu.execute("chardev-add", { id: "silence", backend: { type: "null", data: {} } });
makeProbe();

await using relay = await openRelay();
const warnings: string[] = [];
relay.on("warning", ({ message }) => void warnings.push(message));
const boxes = new Map<BoxName, TouchBox>();
for (const [name, options] of Object.entries(BOXES) as [BoxName, (typeof BOXES)[BoxName]][]) {
  const box = await TouchBox.start(relay, { name, ...options });
  box.container.on("warning", ({ message }) => void warnings.push(`${name}: ${message}`));
  boxes.set(name, box);
}

const plugged: Plugged[] = [];
const rounds = roundsOf();
for (let round = 0; round < rounds; round++) {
  console.log(`touch: round ${round}, ${process.uptime().toFixed()} s`);
  for (const [first, second] of PAIRS) {
    await use(first);
    await use(second);
  }
}
const report: TouchReport = { rounds, plugged, warnings, boxes: {} as TouchReport["boxes"] };
for (const [name, box] of boxes) {
  Object.assign(report.boxes, { [name]: await box.end() });
  await box[Symbol.asyncDispose]();
}
writeReport("touch", report);
for (const name of ["zeroes-stick", "zeroes-disk"]) qemu.execute("blockdev-del", { "node-name": name });

/** Plugs it in, waits until whoever may has used it, and pulls it out. */
async function use(toy: Toy): Promise<void> {
  const marks = new Map([...boxes].map(([name, box]) => [name, box.tried.length]));
  const said = (name: BoxName): readonly Tried[] => (boxes.get(name)?.tried ?? []).slice(marks.get(name));
  toy.plug(qemu);
  await waitSoon(`${toy.id} is there`, () => find(toy) !== undefined);
  const path = find(toy) ?? "";
  const [node, identity] = [nodeOf(toy, path), identityOf(toy, path)];
  await allSay(toy, said, ({ action, devname, read }) => {
    if (toy.kind === "keyboard" && read === undefined) qemu.press("shift");
    return action === "add" && devname === node && read !== undefined;
  });
  const links = await settleLinks(toy, node);
  const shown = plugged.length < FIRST_PAIR ? show() : undefined; // it takes long
  await sleep(TOUCHED_MS);
  qemu.unplug(toy.id);
  await waitSoon(`${toy.id} is gone`, () => find(toy) === undefined && !isThere(node));
  await allSay(toy, said, ({ action, devname }) => action === "remove" && devname === node);
  plugged.push({ id: toy.id, kind: toy.kind, node, identity, seenBy: toy.seenBy, links, ...(shown && { shown }) });
}

function show(): Record<BoxName, Shown> {
  return Object.fromEntries([...boxes].map(([name, box]) => [name, box.shown()])) as Record<BoxName, Shown>;
}

/** Waits until every container that may see it has said something. */
async function allSay(
  { id, seenBy }: Toy,
  said: (name: BoxName) => readonly Tried[],
  isSaid: (tried: Tried) => boolean,
): Promise<void> {
  for (const name of seenBy) {
    const where = (): string => `${name} says it of ${id}: ${JSON.stringify(said(name))} ${boxes.get(name)?.stderr}`;
    await waitSoon(where, () => said(name).some(isSaid));
  }
}

/** Links to it on the host and in each container, when they are as they should be, or after a while. */
async function settleLinks({ seenBy }: Toy, node: string): Promise<Plugged["links"]> {
  const there = (links: readonly string[]): readonly string[] => links.filter((link) => link.endsWith(`-> ${node}`));
  const look = (): Plugged["links"] => ({
    host: there(linksIn("/dev")),
    boxes: Object.fromEntries([...boxes].map(([name, box]) => [name, there(box.links())])) as Record<
      BoxName,
      readonly string[]
    >,
  });
  const isDone = ({ host, boxes: inside }: Plugged["links"]): boolean =>
    host.length > 0 && seenBy.every((name) => isDeepStrictEqual(inside[name], host));
  for (let i = 0; i < 100 && !isDone(look()); i++) await sleep(TOUCHED_MS);
  return look();
}
