import { readdirSync, readFileSync } from "node:fs";

/** Devices by their paths, each with the lines of its `uevent` file, sorted. */
export type Devices = ReadonlyMap<string, readonly string[]>;

const BLOCK = "/devices/virtual/block";
const NET = "/devices/virtual/net";

/** What sysfs says that there is of these loop devices, with their partitions, and of the network devices of a process. */
export function truth(loops: readonly number[], pid: number): Devices {
  const disks = loops.map((number) => `${BLOCK}/loop${number}`);
  const parts = disks.flatMap((disk) =>
    entries(`/sys${disk}`)
      .filter((name) => /^loop\d+p\d+$/.test(name))
      .map((name) => `${disk}/${name}`),
  );
  const links = entries(`/proc/${pid}/root/sys${NET}`).map((name) => `${NET}/${name}`);
  const found = [
    ...[...disks, ...parts].map((devpath) => [devpath, lines(`/sys${devpath}/uevent`)] as const),
    ...links.map((devpath) => [devpath, lines(`/proc/${pid}/root/sys${devpath}/uevent`)] as const),
  ];
  return new Map(found.flatMap(([devpath, text]) => (text === undefined ? [] : [[devpath, text]])));
}

/** 512-byte sectors of a disk. */
export function sizeOf(disk: string): number {
  return Number(lines(`/sys${disk}/size`)?.[0] ?? NaN);
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // it is not there
  }
}

function lines(file: string): string[] | undefined {
  try {
    return readFileSync(file, "latin1").trim().split("\n").toSorted();
  } catch {
    return undefined; // it is not there
  }
}
