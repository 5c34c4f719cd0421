import { latin1 } from "./latin1.js";

/** Keys that an event's own header and counter give; the kernel writes none of them into a `uevent` file. */
const RESERVED: ReadonlySet<string> = new Set(["ACTION", "DEVPATH", "SUBSYSTEM", "SEQNUM"]);

/**
 * The lines of a `uevent` file of sysfs as the pairs of an event: `KEY=VALUE\0`…, latin1.
 *
 * A name that a device chose for itself may contain newlines, so it can forge lines. Lines with a key that is there
 * already, or that is an event's own, are left out; one without a `=` belongs to the value before it.
 */
export function stateFromUeventFile(bytes: Uint8Array): string {
  const seen = new Set(RESERVED);
  let state = "";
  for (const line of latin1.decode(bytes, 0, bytes.length).split("\n")) {
    const eq = line.indexOf("=");
    if (eq < 0 && line !== "" && state !== "") state = `${state.slice(0, -1)}\n${line}\0`;
    const key = line.slice(0, eq);
    if (eq <= 0 || seen.has(key)) continue;
    seen.add(key);
    state += `${line}\0`;
  }
  return state;
}
