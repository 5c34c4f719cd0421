import { latin1 } from "./latin1.js";

/** Keys that an event's own header and counter give; the kernel writes none of them into a `uevent` file. */
const RESERVED: readonly string[] = ["ACTION", "DEVPATH", "SUBSYSTEM", "SEQNUM"];

/**
 * The lines of a `uevent` file of sysfs as the pairs of an event: `KEY=VALUE\0`…, latin1.
 *
 * Values may have newlines: that of a CPU's MODALIAS ends in one, and a device that chooses its own name can forge
 * lines. So one that cannot be a pair (no `=`, a key that is there already or is an event's own) belongs to the value
 * before it, as it does in the kernel's datagram.
 */
export function stateFromUeventFile(bytes: Uint8Array): string {
  const seen = new Set(RESERVED);
  let state = "";
  for (const line of linesOf(latin1.decode(bytes, 0, bytes.length))) {
    const key = line.slice(0, Math.max(0, line.indexOf("=")));
    const isPair = key !== "" && !seen.has(key);
    if (isPair) state += `${line}\0`;
    else if (state !== "") state = `${state.slice(0, -1)}\n${line}\0`;
    seen.add(key);
  }
  return state;
}

function linesOf(file: string): string[] {
  const lines = file.replaceAll("\0", "").split("\n");
  if (lines.at(-1) === "") lines.pop(); // each line ends in a newline
  return lines;
}
