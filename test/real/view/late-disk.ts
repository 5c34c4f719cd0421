import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { expect } from "vitest";

import { Cli, newName } from "../../cli.js";
import { needs } from "../../needs.js";
import type { Need } from "../../needs.js";
import { Stack } from "../stack.js";
import { temporaryDirectory } from "../temporary.js";
import { NSPAWN } from "./engines.js";
import type { Engine } from "./engines.js";
import { Guest } from "./guest.js";
import { lateLoop, nameOf, TEXT } from "./late-device.js";
import type { LateDisk } from "./late-device.js";

const SLOW = { timeout: 60_000 }; // a relay starts slowly on a machine that is busy
const NO_NODE = /No such file/;
const REFUSED = /Operation not permitted/;
/** Makes no rules of what may be opened here: with some of ours a device that only it knows of could not be opened. */
const WITHOUT_RULES = NSPAWN;
/** Has its `/dev` in a tmpfs of the host's, whoever its root is. */
const ON_THE_HOST = NSPAWN;

export function neededFor({ needs: own }: Pick<Engine, "needs">, ...more: readonly Need[]): ReturnType<typeof needs> {
  const programs: readonly Need[] = ["debian package busybox-static", "debian package util-linux"];
  return needs("root", "loop devices", "FUSE", ...programs, ...own, ...more);
}

/** A container that runs already gets a disk, uses it and loses it, and opens its other devices throughout. */
export async function giveAndTakeADisk(engine: Engine, isUser: boolean, late = lateLoop()): Promise<void> {
  await using stack = new Stack();
  const guest = stack.use(await Guest.start(engine, isUser));
  const name = nameOf(late);
  const before = await guest.ask("ls -l /dev");
  const runtimeDir = stack.use(temporaryDirectory()).path;
  const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir }));
  const warnings: unknown[] = [];
  const box = await relay.attach({ name: "box", pid: guest.pid, ...viewOf(engine, late) });
  box.on("warning", (warning) => warnings.push(warning));
  const choice = box.delivery.find(({ channel }) => channel === "dev")?.choice;
  expect(choice).toMatch(isCovered(engine, isUser) ? runtimeDir : /^single nodes$/);
  expect(await guest.ask(`cat /dev/${name}`)).toMatch(NO_NODE);
  await expectToOpen(guest);

  using disk = late.plug();
  await expect.poll(() => guest.ask(read(name)), SLOW).toBe(TEXT);
  await guest.ask(`printf else | dd of=/dev/${name} conv=notrunc,fsync 2>/dev/null`);
  expect(await guest.ask(read(name))).toBe(TEXT.replace("what", "else"));
  expect(disk.text).toBe(TEXT.replace("what", "else"));
  await expectToOpen(guest);

  disk.unplug();
  await expect.poll(() => guest.ask(`ls /dev/${name}`), SLOW).toMatch(NO_NODE); // who opened it would have the kernel make the device
  if (engine !== WITHOUT_RULES) {
    const own = isUser ? "/tmp/own" : "/dev/own";
    expect(await guest.ask(`mknod ${own} b ${disk.number} && cat ${own}; rm -f ${own}`)).toMatch(REFUSED);
  }
  await expectToOpen(guest);

  await box.detach();
  expect(warnings).toEqual([]);
  expect(await guest.ask("ls -l /dev")).toBe(before);
  await expectToOpen(guest);
}

/** When a relay is killed the next one takes away what is still ours, and nothing else. */
export async function killARelay(engine: Engine, isUser: boolean): Promise<void> {
  await using guest = await Guest.start(engine, isUser);
  const [name, late] = [newName(), lateLoop()];
  const node = nameOf(late);
  if (!isCovered(engine, isUser)) await guest.ask("echo theirs >/dev/theirs");
  const before = await guest.ask("ls -l /dev");
  using disk = late.plug();
  await using killed = attachTo(engine, guest, name, late);
  await expect.poll(() => guest.ask(read(node)), SLOW).toBe(TEXT);
  killed.process.kill("SIGKILL");
  expect(await killed.exit()).toBe("SIGKILL");
  disk.unplug();
  expect(await guest.ask(`ls -l /dev/${node}`)).toContain(node);

  await using next = attachTo(engine, guest, name, late);
  await expect.poll(() => guest.ask(`ls /dev/${node}`), SLOW).toMatch(NO_NODE); // who opened it would have the kernel make the device
  await next.until("stderr", "bind ");
  await expectToOpen(guest);
  expect(await next.interrupt()).toBe(0);
  expect(await guest.ask("ls -l /dev")).toBe(before);
  await expectToOpen(guest);
}

/** What its engine gave it, now and at any time before. */
async function expectToOpen(guest: Guest): Promise<void> {
  const opened = await guest.opened();
  await expect.poll(() => guest.opened(), SLOW).toBeGreaterThan(opened);
  expect(guest.lost).toEqual([]);
}

/** Where no single nodes can be put. */
const isCovered = (engine: Engine, isUser: boolean): boolean => isUser && engine !== ON_THE_HOST;

const viewOf = (engine: Engine, { devpath }: LateDisk) =>
  ({ allow: [devpath], dev: "auto", cgroup: engine === WITHOUT_RULES ? "off" : "auto" }) as const;

function attachTo(engine: Engine, { pid }: Guest, name: string, late: LateDisk): Cli {
  const { allow, dev, cgroup } = viewOf(engine, late);
  return new Cli(["attach", name, "--pid", `${pid}`, "--dev", dev, "--cgroup", cgroup, "--allow", ...allow]);
}

const read = (name: string): string => `dd if=/dev/${name} bs=${TEXT.length} count=1 2>/dev/null`;
