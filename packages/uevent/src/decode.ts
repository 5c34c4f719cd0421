import { KERNEL_DATAGRAM_BYTES } from "./bounds.js";
import { findRouted } from "./find.js";
import { KernelUevent } from "./kernel-uevent.js";
import { latin1 } from "./latin1.js";
import { type Malformed, malformed } from "./malformed.js";
import { isActionKey, isDevpathKey, isSubsystemKey } from "./routed-keys.js";

const SLASH = 0x2f;
const AT = 0x40;

/**
 * The datagram `slab[start .. end]` in the kernel's form. Nothing of the slab is kept.
 *
 * It finds what routing needs, and believes its writer: the length, the NUL at the end, the header, an absolute
 * devpath, and that there are pairs ACTION, DEVPATH and SUBSYSTEM. `check` finds all else that can be wrong:
 * call it for every sender that is not the kernel itself.
 */
export function decode(slab: Uint8Array, start = 0, end = slab.length): KernelUevent | Malformed {
  const length = end - start;
  if (length === 0) return malformed("empty", 0);
  if (length > KERNEL_DATAGRAM_BYTES) return malformed("too-long", KERNEL_DATAGRAM_BYTES);
  if (slab[end - 1] !== 0) return malformed("no-final-nul", length - 1);

  const text = latin1.decode(slab, start, end);
  const at = endOfAction(slab, start) - start;
  const nul = text.indexOf("\0", at);
  // Where the kernel puts its first three pairs: both parts of the header are in front of them and among them.
  const devpathKey = nul + "\0ACTION=".length + at;
  const subsystemKey = devpathKey + "\0DEVPATH=".length + (nul - at - 1);
  const subsystem = subsystemKey + "\0SUBSYSTEM=".length;
  const isKernelsOrder =
    at > 0 &&
    slab[start + at] === AT &&
    slab[start + at + 1] === SLASH &&
    subsystem < length && // what lies behind is another datagram's
    isActionKey(slab, start + nul + 1) &&
    isDevpathKey(slab, start + devpathKey) &&
    isSubsystemKey(slab, start + subsystemKey);
  if (!isKernelsOrder) return findRouted(text);

  const state = endOfValue(slab, start + subsystem) - start + 1;
  // substring: V8 has a quicker way for it than for slice
  return new KernelUevent(
    text,
    text.substring(0, at),
    text.substring(at + 1, nul),
    text.substring(subsystem, state - 1),
    state,
  );
}

// Both look for what is near: byte by byte that is quicker than a call of `indexOf`. There is a NUL at the end of the datagram.

function endOfAction(slab: Uint8Array, start: number): number {
  let at = start;
  while (slab[at] !== AT && slab[at] !== 0) at++;
  return at;
}

function endOfValue(slab: Uint8Array, start: number): number {
  let at = start;
  while (slab[at] !== 0) at++;
  return at;
}
