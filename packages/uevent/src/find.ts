import { KernelUevent } from "./kernel-uevent.js";
import { type Malformed, malformed } from "./malformed.js";
import { findValue } from "./pairs.js";

/** What routing needs, wherever it stands: for what the kernel does not write, and to say what is wrong. */
export function findRouted(text: string): KernelUevent | Malformed {
  const nul = text.indexOf("\0");
  const header = text.slice(0, nul);
  const at = header.indexOf("@");
  if (at < 0) return malformed("no-at", 0);
  if (at === 0) return malformed("empty-action", 0);
  if (header[at + 1] !== "/") return malformed("devpath-not-absolute", at + 1);
  if (findValue(text, "ACTION", nul) === undefined) return malformed("no-action-pair", nul + 1);
  if (findValue(text, "DEVPATH", nul) === undefined) return malformed("no-devpath-pair", nul + 1);
  const subsystem = findValue(text, "SUBSYSTEM", nul);
  if (subsystem === undefined) return malformed("no-subsystem-pair", nul + 1);
  return new KernelUevent(text, header.slice(0, at), header.slice(at + 1), subsystem, -1);
}
