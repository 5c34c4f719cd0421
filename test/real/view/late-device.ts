import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { addLoop, addZram, removeLoop, removeZram } from "@uevent-bridge/linux/testing";

import { devpathOf, plugLoop } from "../loops.js";
import { temporaryDirectory } from "../temporary.js";

export const TEXT = "what is on the disk";
const BYTES = 65_536;

/** A disk that comes later. */
export interface LateDisk {
  readonly devpath: string;
  /** Makes it, with the text on it. */
  plug(): Plugged;
}

export interface Plugged extends Disposable {
  /** As `mknod` takes its number. */
  readonly number: string;
  /** What is on it now. */
  readonly text: string;
  unplug(): void;
}

export function lateLoop(): LateDisk {
  const number = plugLoop();
  removeLoop(number); // nobody else takes it
  const plug = (): Plugged => {
    const temporary = temporaryDirectory();
    const image = join(temporary.path, "image");
    writeFileSync(image, TEXT.padEnd(BYTES, "."));
    addLoop(number);
    execFileSync("losetup", [`/dev/loop${number}`, image]);
    return plugged(devpathOf(number), image, () => {
      execFileSync("losetup", ["--detach", `/dev/loop${number}`]);
      removeLoop(number);
      temporary[Symbol.dispose]();
    });
  };
  return { devpath: devpathOf(number), plug };
}

/** The kernel gives it the lowest number that is free. */
export function lateZram(): LateDisk {
  const number = addZram();
  removeZram(number);
  const devpath = `/devices/virtual/block/zram${number}`;
  const plug = (): Plugged => {
    addThatZram(number);
    writeFileSync(`/sys${devpath}/disksize`, `${BYTES}`);
    writeFileSync(`/dev/zram${number}`, TEXT.padEnd(BYTES, "."));
    return plugged(devpath, `/dev/zram${number}`, () => removeZram(number));
  };
  return { devpath, plug };
}

function addThatZram(number: number): void {
  const made = addZram();
  if (made === number) return;
  removeZram(made);
  throw new Error(`somebody else has made or removed zram devices: it is zram${made}, not zram${number}`);
}

function plugged(devpath: string, file: string, end: () => void): Plugged {
  const [major, minor] = readFileSync(`/sys${devpath}/dev`, "latin1").trim().split(":");
  let isThere = true;
  const unplug = (): void => {
    if (isThere) end();
    isThere = false;
  };
  return {
    number: `${major} ${minor}`,
    get text() {
      return readFileSync(file, "latin1").slice(0, TEXT.length);
    },
    unplug,
    [Symbol.dispose]: unplug,
  };
}

export const nameOf = ({ devpath }: LateDisk): string => basename(devpath);
