import { readdirSync, readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const KIBIBYTE = 1024; // bytes

/** Mount points below a directory. */
export function mountsBelow(directory: string): readonly string[] {
  const places = readFileSync("/proc/self/mountinfo", "latin1")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  return places.filter((place) => place.startsWith(`${directory}/`));
}

/** What the kernel says that maps of BPF take that this process has open. */
export function mapBytes(): number {
  const infos = readdirSync("/proc/self/fdinfo").map((fd) => read(`/proc/self/fdinfo/${fd}`));
  const maps = infos.filter((info) => info.includes("map_id:"));
  return maps.reduce((sum, info) => sum + Number(/^memlock:\s*(\d+)$/m.exec(info)?.[1] ?? 0), 0);
}

/** The whole kernel's small objects: what else the machine does is in it too. */
export function slabBytes(): number {
  return Number(/^Slab: +(\d+) kB$/m.exec(read("/proc/meminfo"))?.[1] ?? 0) * KIBIBYTE;
}

/** What this process has of JavaScript's memory, and of buffers beside it, once what nobody needs is collected. */
export function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // it has been closed
  }
}
