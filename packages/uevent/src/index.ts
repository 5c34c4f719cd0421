/**
 * The datagrams in which the Linux kernel and udevd speak of devices: bytes to values and back.
 * Pure functions for any JavaScript runtime, without dependencies; what comes from outside never makes them throw.
 *
 * ```
 * add@/devices/virtual/block/loop0␀ACTION=add␀DEVPATH=/devices/virtual/block/loop0␀SUBSYSTEM=block␀MAJOR=7␀…SEQNUM=5␀
 * ```
 *
 * | you have                     | you want                                          | call                                     |
 * | ---------------------------- | ------------------------------------------------- | ---------------------------------------- |
 * | bytes of the kernel's socket | the event, for programs and people                | `toUevent`                               |
 * | the same, many each second | action, devpath and subsystem; the rest on demand | `decode`, and `check` if you do not trust the sender |
 * | bytes of udevd's socket      | the event with udevd's properties                 | `decodeUdev`                             |
 * | an event                     | bytes                                             | `encode`, `encodeUdev`                   |
 * | bytes                        | the same bytes but for one thing                  | `replaceSeqnum`, `withoutSeqnum`, `withAction` |
 * | a `uevent` file of sysfs     | the pairs of the event that the kernel would send | `stateFromUeventFile`, `encodeEvent`     |
 * | an event                     | arguments and environment of a hotplug helper     | `hotplugEnvironment`                     |
 *
 * Each of the first three gives a value or a reason: `{ malformed, offset }`. `isMalformed` tells them apart,
 * `describeMalformed` makes a sentence of it, and `MALFORMED_SENTENCES` has every reason that there is.
 *
 * **decode and check.** `decode` is made for speed: it looks at the length, the NUL at the end, the header, and where
 * ACTION, DEVPATH and SUBSYSTEM are, and believes its writer that the rest is well formed.
 * For the kernel that is so; for any other sender `check` says whether header and pairs agree, whether the devpath has
 * `..` in it, and whether each pair is one. `toUevent` and `decodeUdev` check everything.
 *
 * **Bytes and text.** Nothing in a datagram says what encoding its values have. `KernelUevent`, `encode` and the rest
 * that is near the bytes have latin1 strings, in which one character is one byte. `Uevent` has text: UTF-8, in which a
 * byte that is not valid becomes a lone surrogate (U+DC00 + byte). `toText` and `fromText` are exact inverses.
 *
 * @example
 * import { decode, isMalformed, replaceSeqnum, toUevent } from "@uevent-bridge/uevent";
 *
 * const bytes = new TextEncoder().encode(
 *   "add@/devices/virtual/block/loop0\0ACTION=add\0DEVPATH=/devices/virtual/block/loop0\0" +
 *     "SUBSYSTEM=block\0MAJOR=7\0MINOR=0\0DEVNAME=loop0\0SEQNUM=5\0",
 * );
 *
 * const event = decode(bytes);
 * if (isMalformed(event)) throw new Error(event.malformed);
 * console.log(event.action, event.devpath, event.get("DEVNAME")); // add /devices/virtual/block/loop0 loop0
 *
 * const renumbered = toUevent(replaceSeqnum(bytes, 1n));
 * console.log(JSON.stringify(renumbered).slice(0, 30)); // {"type":"event","action":"add"
 *
 * console.log(decode(bytes.subarray(0, 40))); // { malformed: 'no-final-nul', offset: 39 }
 *
 * @packageDocumentation
 */
export * from "./bounds.js";
export { check } from "./check.js";
export { decode } from "./decode.js";
export { replaceSeqnum, withAction, withDevname, withoutSeqnum } from "./edit.js";
export { encode, encodeEvent } from "./encode.js";
export type { EventParts } from "./encode.js";
export { hotplugEnvironment } from "./hotplug.js";
export type { HotplugEnvironment, HotplugOptions } from "./hotplug.js";
export type { KernelUevent } from "./kernel-uevent.js";
export { MALFORMED_SENTENCES, describeMalformed, isMalformed } from "./malformed.js";
export type { Malformed, MalformedReason } from "./malformed.js";
export type { Pairs } from "./pairs.js";
export type { Properties } from "./properties.js";
export { fromText, toText } from "./text.js";
export { env, toUevent } from "./to-uevent.js";
export { decodeUdev } from "./udev/decode-udev.js";
export type { UdevMessage } from "./udev/decode-udev.js";
export { encodeUdev } from "./udev/encode-udev.js";
export { murmurHash2 } from "./udev/murmur-hash.js";
export { tagBloom } from "./udev/tag-bloom.js";
export { stateFromUeventFile } from "./uevent-file.js";
export type { Action, Uevent, UeventJson } from "./uevent.js";
