import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { addLoop, removeLoop } from "@uevent-bridge/linux/testing";
import { expect } from "vitest";

import { Cli, newName } from "../../cli.js";
import { needs } from "../../needs.js";
import type { Need } from "../../needs.js";
import { devpathOf, plugLoop } from "../loops.js";
import { temporaryDirectory } from "../temporary.js";
import type { Engine } from "./engines.js";
import { Guest } from "./guest.js";

const TEXT = "what is on the disk";
const NO_NODE = /No such file/;
const REFUSED = /Operation not permitted/;
/** Makes no rules of what may be opened here: with some of ours a device that only it knows of could not be opened. */
const WITHOUT_RULES = "systemd-nspawn";

export const neededFor = (engine: Pick<Engine, "needs">): ReturnType<typeof needs> => {
  const all: readonly Need[] = ["root", "loop devices", "FUSE", "debian package busybox-static"];
  return needs(...all, "debian package util-linux", ...engine.needs);
};

/** A container that runs already gets a disk, uses it and loses it, and opens its other devices throughout. */
export async function giveAndTakeADisk(engine: Engine, isUser: boolean): Promise<void> {
  await using guest = await Guest.start(engine, isUser);
  const number = freeNumber();
  const name = `loop${number}`;
  const before = await guest.ask("ls -l /dev");
  await using attach = attachTo(engine, guest, newName(), number);
  await attach.until("stderr", "dev single nodes");
  expect(await guest.ask(`cat /dev/${name}`)).toMatch(NO_NODE);
  await expectToOpen(guest);

  using disk = plugDisk(number);
  await expect.poll(() => guest.ask(read(name))).toBe(TEXT);
  await guest.ask(`printf else | dd of=/dev/${name} conv=notrunc,fsync 2>/dev/null`);
  expect(await guest.ask(read(name))).toBe(TEXT.replace("what", "else"));
  expect(disk.text).toBe(TEXT.replace("what", "else"));
  await expectToOpen(guest);

  disk.unplug();
  await expect.poll(() => guest.ask(`ls /dev/${name}`)).toMatch(NO_NODE); // who opened it would have the kernel make the device
  if (engine.name !== WITHOUT_RULES)
    expect(await guest.ask(`mknod /dev/own b 7 ${number} && cat /dev/own; rm -f /dev/own`)).toMatch(REFUSED);
  await expectToOpen(guest);

  expect(await attach.interrupt()).toBe(0);
  expect(attach.stderr).not.toContain("warning");
  expect(await guest.ask("ls -l /dev")).toBe(before);
  await expectToOpen(guest);
}

/** What its engine gave it, now and at any time before. */
async function expectToOpen(guest: Guest): Promise<void> {
  const opened = await guest.opened();
  await expect.poll(() => guest.opened()).toBeGreaterThan(opened);
  expect(guest.lost).toEqual([]);
}

function attachTo({ name: engine }: Engine, { pid }: Guest, name: string, number: number): Cli {
  const view = ["--dev", "auto", "--cgroup", engine === WITHOUT_RULES ? "off" : "auto"];
  return new Cli(["attach", name, "--pid", `${pid}`, ...view, "--allow", devpathOf(number)]);
}

const read = (name: string): string => `dd if=/dev/${name} bs=${TEXT.length} count=1 2>/dev/null`;

/** Of a loop device that does not exist. */
function freeNumber(): number {
  const number = plugLoop();
  removeLoop(number);
  return number;
}

/** A loop device with a text on it. */
function plugDisk(number: number): Disposable & { readonly text: string; unplug(): void } {
  const temporary = temporaryDirectory();
  const [image, node] = [join(temporary.path, "image"), `/dev/loop${number}`];
  writeFileSync(image, TEXT.padEnd(4096, "."));
  addLoop(number);
  execFileSync("losetup", [node, image]);
  let isThere = true;
  const unplug = (): void => {
    if (!isThere) return;
    isThere = false;
    execFileSync("losetup", ["--detach", node]);
    removeLoop(number);
    temporary[Symbol.dispose]();
  };
  return {
    get text() {
      return readFileSync(image, "latin1").slice(0, TEXT.length);
    },
    unplug,
    [Symbol.dispose]: unplug,
  };
}
