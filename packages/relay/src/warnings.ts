import type { Conflict } from "./claimant.js";
import { BridgeError } from "./errors.js";
import type { HeldByOther } from "./held-back.js";

/** What fits into one injected datagram: 2048 bytes less the netlink header and the longest SEQNUM. */
const SAFE_BYTES = 2004;

/** `count`: of such events of this container so far. */
export function tooLong(container: string, bytes: Uint8Array, count: number): BridgeError {
  const header = String.fromCharCode(...bytes.subarray(0, 256)).split("\0")[0] ?? "";
  const most = `more than the kernel takes into ${container}'s netlink (${SAFE_BYTES})`;
  const message = `${header}: ${bytes.length} bytes are ${most}; ${count} so far were not said there`;
  return new BridgeError("EVENT_TOO_LONG", message, {
    remedy: "Listen on a socket in the container: it has no such bound.",
  });
}

export function needsUdev(container: string, rule: string): BridgeError {
  const message = `${container}: the rule ${rule} asks the host's udev database, and no udevd runs on the host`;
  return new BridgeError("POLICY_CONFLICT", message, {
    remedy: "Start udevd, or name the device by path, usb=, port=, devname= or attr:.",
  });
}

/** `words`: of each rule that has some. */
export function notActedOn(container: string, words: ReadonlyMap<string, readonly string[]>): BridgeError {
  const [first, ...others] = [...words].map(([rule, said]) => `${said.join(" ")} of the rule ${rule}`);
  const more = others.length > 0 ? `, nor on those of ${others.length} more` : "";
  const message = `${container}: nothing acts yet on ${first}${more}`;
  return new BridgeError("POLICY_CONFLICT", message, {
    remedy:
      "The words are kept, and the rule picks devices all the same. Nodes and rights are left to the container's engine.",
  });
}

export function held(container: string, { device, other, file }: Conflict): BridgeError {
  const message = `${container} cannot hold ${device.devpath} alone: ${other} has it, or something above or below it`;
  const handOver = `hand it over to a container that is attached: uevent-bridge transfer ${device.devpath} ${container}`;
  const remedy = `${letGo(device.devpath, other)}, or, if it holds it alone, ${handOver}.`;
  return new BridgeError("HELD", message, { remedy: remedy + byHand(other, file) });
}

/** A grant does not share what one container holds alone. */
export function notShared(container: string, { device: { devpath }, other, file }: Conflict): BridgeError {
  const message = `${container} cannot see ${devpath}: ${other} holds it alone`;
  const remedy = `To hand it over: uevent-bridge transfer ${devpath} ${container}. ${letGo(devpath, other)}.`;
  return new BridgeError("HELD", message, { remedy: remedy + byHand(other, file) });
}

export function seesNothing(container: string, rule: string, { devpath, holder, claim }: HeldByOther): BridgeError {
  const message = `${container} sees nothing by the rule ${rule}: ${holder} holds ${devpath} alone`;
  const remedy = `To hand it over: uevent-bridge transfer ${devpath} ${container}. ${letGo(devpath, holder)}: then it is seen.`;
  return new BridgeError("HELD", message, { remedy: remedy + byHand(holder, claim) });
}

export function letGo(devpath: string, holder: string): string {
  return `Have ${holder} let go of it (uevent-bridge revoke ${holder} ${devpath}, other rules, or the end of its attach)`;
}

/** What frees a device whose holder no relay serves any more. `file`: where it is written that it holds it. */
export function byHand(holder: string, file: string | undefined): string {
  return file === undefined ? "" : ` If ${holder} is not attached any more and will never be again, remove ${file}.`;
}

export function noUdevd(): BridgeError {
  const message = "no udevd runs here: nothing is heard of it, but what a relay outside may say in its place";
  return new BridgeError("PATH_UNUSABLE", message, { remedy: "Start udevd, or hear what the kernel says." });
}

export function closed(): BridgeError {
  return new BridgeError("CLOSED", "the relay is closed", { remedy: "Open another one with openRelay()." });
}

export function nameTaken(name: string): BridgeError {
  const message = `a container named ${name} is attached already`;
  return new BridgeError("NAME_TAKEN", message, { remedy: "Detach it first, or take another name." });
}

/** @throws BridgeError NAME_INVALID */
export function checkName(name: unknown): asserts name is string {
  if (typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name)) return;
  const remedy = "Use 1 to 64 letters, digits, _ . or -, the first a letter or digit: the name becomes a directory's.";
  throw new BridgeError("NAME_INVALID", `${JSON.stringify(name)} is no name for a container`, { remedy });
}

export function alreadyJoined(name: string): BridgeError {
  const message = `${name} has joined a process or network namespace already`;
  return new BridgeError("NAME_TAKEN", message, { remedy: "Detach it and attach it anew." });
}

export function isDetached(name: string): BridgeError {
  return new BridgeError("CLOSED", `${name} is detached`, { remedy: "Attach it anew." });
}

export function hasEnded(name: string): BridgeError {
  return new BridgeError("TARGET_GONE", `${name} ended while it was being attached`, { remedy: "Start it anew." });
}

export function unwritable(path: string, cause: unknown): BridgeError {
  const message = `the udev database in ${path} could not be written: ${String(cause)}`;
  const remedy = "Events are told all the same. Make room on its file system, and attach the container anew.";
  return new BridgeError("PATH_UNUSABLE", message, { remedy, cause });
}

export function rightsReplaced(container: string, cgroup: string): BridgeError {
  const message = `${container}: somebody has said anew what the programs of ${cgroup} may open; what it may see is added to that again`;
  const remedy = "Nothing is to be done. For up to a second its devices could not be opened, or more could be.";
  return new BridgeError("PATH_UNUSABLE", message, { remedy });
}

export function noDevice(asked: string): BridgeError {
  const message = `there is no device ${asked}`;
  return new BridgeError("PATH_UNUSABLE", message, {
    remedy: "Give the devpath of one that is there (uevent-bridge match --allow subsystem=*), or its node.",
  });
}

/** `problem`: why they could not be frozen. */
export function stillInUse(container: string, problem: unknown): unknown {
  if (!(problem instanceof BridgeError)) return problem;
  const message = `${container}: the device was taken from it, but programs that have it in use go on: ${problem.message}`;
  const remedy = `End them (open: "end"), or ${problem.remedy}.`;
  return new BridgeError(problem.code, message, { remedy, cause: problem });
}

export function noMoreShadow(container: string): BridgeError {
  const message = `${container}: the holder of its shadow has ended, so programs that begin to listen from now on are refused (ENOSYS)`;
  return new BridgeError("TARGET_GONE", message, {
    remedy: "Start the container anew: its seccomp filter has lost the one that answered it.",
  });
}

/** `count`: of such troubles of this container so far. */
export function failedInside(container: string, sentence: string, count: number): BridgeError {
  const remedy = `See what it does in the container by hand. This is number ${count}; number ${count * 2} is said next.`;
  return new BridgeError("TARGET_GONE", `${container}: ${sentence}`, { remedy });
}

export function helperEnded(container: string, program: string): BridgeError {
  const message = `${container}: what ran ${program} for each event was ended there, so that it is run no more`;
  return new BridgeError("TARGET_GONE", message, { remedy: "Attach the container anew." });
}

export function udevdCame(container: string): BridgeError {
  const message = `${container}: a udevd has come there, so programs of libudev are left to it from now on`;
  const remedy = "Start it anew if it failed: its /run/udev was ours. Programs of libudev that run should be too.";
  return new BridgeError("PATH_UNUSABLE", message, { remedy });
}

export function unreadable(cause: unknown): BridgeError {
  const message = "/sys could not be read after a hole in what the kernel said";
  const remedy = "What containers were told may be wrong until it can: it is tried again each second.";
  return new BridgeError("PATH_UNUSABLE", message, { remedy, cause });
}

/** What a relay before told its programs cannot be read. */
export function forgotten(container: string): BridgeError {
  const message = `what a relay before told ${container} cannot be read: its programs are told anew what there is, but not what has gone`;
  return new BridgeError("STATE_DAMAGED", message, {
    remedy:
      "Start those again that keep in mind what they were told. The file was set aside, with .damaged behind its name.",
  });
}

export function tooManyNetDevices(netns: bigint, most: number): BridgeError {
  const message = `/sys/class/net of the network namespace ${netns} has more than ${most} devices; only these are told`;
  const remedy = "Its own kernel tells its programs of all: have those that need them listen there, or have fewer.";
  return new BridgeError("PATH_UNUSABLE", message, { remedy });
}
