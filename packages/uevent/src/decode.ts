import { KERNEL_DATAGRAM_BYTES, KERNEL_ENV_BYTES } from "./bounds.js";
import { checkDevpath } from "./devpath.js";
import { KernelUevent } from "./kernel-uevent.js";
import { latin1 } from "./latin1.js";
import { type Malformed, malformed } from "./malformed.js";
import { findValue, findValueStart } from "./pairs.js";

const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * The datagram `slab[start .. end]` in the kernel's form. It looks at what routing relies on and at nothing else
 * (`check` does the rest): length, NUL at the end, header, ACTION, DEVPATH and SUBSYSTEM, which must agree with it.
 */
export function decode(slab: Uint8Array, start = 0, end = slab.length): KernelUevent | Malformed {
  const length = end - start;
  if (length === 0) return malformed("empty", 0);
  if (length > KERNEL_DATAGRAM_BYTES) return malformed("too-long", KERNEL_DATAGRAM_BYTES);
  if (slab[end - 1] !== 0) return malformed("no-final-nul", length - 1);

  const text = latin1.decode(slab, start, end);
  const at = text.indexOf("@");
  const nul = text.indexOf("\0");
  if (at <= 0 || at > nul) return decodeSlowly(text);

  const action = text.slice(0, at);
  const devpath = text.slice(at + 1, nul);
  const devpathStart = nul + "\0ACTION=".length + at + "\0DEVPATH=".length;
  const devpathEnd = devpathStart + devpath.length;
  const subsystemStart = devpathEnd + "\0SUBSYSTEM=".length;
  const isInKernelsOrder =
    text.startsWith("ACTION=", nul + 1) &&
    text.startsWith("\0DEVPATH=", devpathStart - "\0DEVPATH=".length) &&
    text.startsWith("\0SUBSYSTEM=", devpathEnd) &&
    text.slice(devpathStart, devpathEnd) === devpath &&
    text.startsWith(action, nul + "\0ACTION=".length);
  if (!isInKernelsOrder) return decodeSlowly(text);
  const subsystemEnd = text.indexOf("\0", subsystemStart);
  const subsystem = text.slice(subsystemStart, subsystemEnd);
  if (
    length - nul - 1 > KERNEL_ENV_BYTES ||
    hasOddSegment(slab, start + at + 1, start + nul) ||
    isOddAction(action) ||
    isOddSubsystem(subsystem)
  ) {
    return decodeSlowly(text);
  }
  return new KernelUevent(text, action, devpath, subsystem, subsystemEnd + 1);
}

/** True if the path may have an empty or a dot segment. */
function hasOddSegment(slab: Uint8Array, start: number, end: number): boolean {
  if (slab[start] !== SLASH) return true;
  for (let i = start; i < end; i++) {
    if (slab[i] !== SLASH) continue;
    const next = slab[i + 1]; // NUL after the last one
    if (next === SLASH || next === DOT || next === 0) return true;
  }
  return false;
}

function isOddAction(action: string): boolean {
  return !/^[a-zA-Z0-9_-]+$/.test(action);
}

function isOddSubsystem(subsystem: string): boolean {
  return subsystem === "" || subsystem === "." || subsystem === ".." || subsystem.includes("/");
}

/** For what the kernel does not write itself: pairs in another order, and all that is malformed. */
function decodeSlowly(text: string): KernelUevent | Malformed {
  const nul = text.indexOf("\0");
  const at = text.slice(0, nul).indexOf("@");
  if (at < 0) return malformed("no-at", 0);
  if (at === 0) return malformed("empty-action", 0);
  const action = text.slice(0, at);
  if (isOddAction(action)) return malformed("odd-action", 0);
  const devpath = text.slice(at + 1, nul);
  const wrong = checkDevpath(devpath, at + 1);
  if (wrong) return wrong;
  if (text.length - nul - 1 > KERNEL_ENV_BYTES) return malformed("too-long", nul + 1 + KERNEL_ENV_BYTES);

  const actionPair = findValue(text, "ACTION", nul);
  if (actionPair === undefined) return malformed("no-action-pair", nul + 1);
  if (actionPair !== action) return malformed("action-differs", findValueStart(text, "ACTION", nul));
  const devpathPair = findValue(text, "DEVPATH", nul);
  if (devpathPair === undefined) return malformed("no-devpath-pair", nul + 1);
  if (devpathPair !== devpath) return malformed("devpath-differs", findValueStart(text, "DEVPATH", nul));
  const subsystem = findValue(text, "SUBSYSTEM", nul);
  if (subsystem === undefined) return malformed("no-subsystem-pair", nul + 1);
  if (isOddSubsystem(subsystem)) return malformed("odd-subsystem", findValueStart(text, "SUBSYSTEM", nul));
  return new KernelUevent(text, action, devpath, subsystem, stateStartOf(text, nul, action, devpath, subsystem));
}

function stateStartOf(text: string, nul: number, action: string, devpath: string, subsystem: string): number {
  const first = `\0ACTION=${action}\0DEVPATH=${devpath}\0SUBSYSTEM=${subsystem}\0`;
  return text.startsWith(first, nul) ? nul + first.length : -1;
}
