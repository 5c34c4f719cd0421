import { accessSync, constants, existsSync, writeFileSync } from "node:fs";

import { join } from "node:path";

import type { Io } from "../../command/io.js";
import { ProcessContainer } from "../process-container.js";
import type { Stage } from "../stage.js";
import { mayUnshare } from "../unshare.js";
import type { Own } from "../unshare.js";

const OWN: Own = ["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child"];

/** How a driver makes block devices come and go. Each throws what the system says. */
export interface BlockDriver {
  /** `loop` for `/devices/virtual/block/loop0`. */
  readonly name: string;
  /** The file by which it takes orders. */
  readonly control: string;
  /** Makes a device that nobody has, and gives its number. */
  add(): number;
  remove(number: number): void;
}

/** A stage on which a block device that nobody has comes, changes and goes; or why there is none. */
export async function openBlockStage(driver: BlockDriver, io: Io, directory: string): Promise<Stage | string> {
  const lacking = await lackingFor(driver);
  if (lacking !== undefined) return lacking;
  const number = tried(driver);
  if (typeof number === "string") return number;
  const name = `${driver.name}${number}`;
  const change = (): void => writeFileSync(`/sys/class/block/${name}/uevent`, "change");
  return {
    title: `${driver.name} device ${name}`,
    kernel: await io.openKernel(join(directory, "locks")),
    device: `/devices/virtual/block/${name}`,
    bystander: "/devices/virtual/mem/null",
    steps: [() => void driver.add(), change, change, change, () => driver.remove(number)],
    start: (container, place) => ProcessContainer.start({ name: container, directory: place, own: OWN, self: io.self }),
    async [Symbol.asyncDispose]() {
      if (existsSync(`/sys/class/block/${name}`)) driver.remove(number); // interrupted halfway
    },
  };
}

async function lackingFor({ name, control }: BlockDriver): Promise<string | undefined> {
  if (!existsSync(control)) return `${control} is not there: modprobe ${name}`;
  if (!mayWrite(control)) return `${control} is not ours to write: run as root`;
  return (await mayUnshare(OWN)) ? undefined : "unshare fails: allow user namespaces";
}

/** The number of a device that came and went, and so can once more; or why it cannot. */
function tried(driver: BlockDriver): number | string {
  try {
    const number = driver.add();
    driver.remove(number);
    return number;
  } catch (error) {
    return String(error);
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
