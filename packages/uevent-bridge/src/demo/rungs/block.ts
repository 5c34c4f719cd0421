import { accessSync, constants, existsSync, writeFileSync } from "node:fs";

import type { Io } from "../../command/io.js";
import { ProcessContainer } from "../process-container.js";
import type { Own } from "../process-container.js";
import type { Stage } from "../stage.js";

const OWN: Own = ["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child"];

/** How a driver makes block devices come and go. Each throws what the system says. */
export interface BlockDriver {
  readonly title: string;
  /** `loop` for `/sys/class/block/loop0`. */
  readonly prefix: string;
  readonly control: string;
  add(number: number): unknown;
  remove(number: number): void;
}

/** A stage on which a block device that nobody has comes, changes and goes; or why there is none. */
export async function openBlockStage(driver: BlockDriver, io: Io): Promise<Stage | string> {
  if (!mayWrite(driver.control)) return `${driver.control} is not there or not ours to write`;
  const number = firstUnused(driver.prefix);
  const name = `${driver.prefix}${number}`;
  const change = (): void => writeFileSync(`/sys/class/block/${name}/uevent`, "change");
  return {
    title: `${driver.title} ${name}`,
    kernel: await io.openKernel(),
    device: `/devices/virtual/block/${name}`,
    bystander: "/devices/virtual/mem/null",
    steps: [() => void driver.add(number), change, change, change, () => driver.remove(number)],
    start: (container, directory) => ProcessContainer.start({ name: container, directory, own: OWN, self: io.self }),
    async [Symbol.asyncDispose]() {
      if (existsSync(sysfsOf(name))) driver.remove(number); // interrupted halfway
    },
  };
}

function firstUnused(prefix: string): number {
  let number = 0;
  while (existsSync(sysfsOf(`${prefix}${number}`))) number++;
  return number;
}

function sysfsOf(name: string): string {
  return `/sys/class/block/${name}`;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
