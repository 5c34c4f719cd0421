import { createHash } from "node:crypto";

import type { Words } from "@uevent-bridge/filter";
import { deviceNameParts } from "@uevent-bridge/kernel";
import { encodeEvent, isMalformed, toUevent } from "@uevent-bridge/uevent";

import { BridgeError } from "./errors.js";
import { RuleSet, grantedWords } from "./policy.js";

const VERSION = 1;
const MAGIC = "uevent-bridge state";
const BYTES_MAX = 67_108_864; // of a state
const DEVICES_MAX = 65_536; // that were told, granted or revoked
const RULES_MAX = 65_536; // of either kind
const OWN_KEYS = /(^|\0)(ACTION|DEVPATH|SUBSYSTEM|SEQNUM|DEVPATH_OLD)=/;

/** One incarnation of a device. */
export interface Told {
  readonly devpath: string;
  readonly incarnation: string;
}

/** One that a container was told, with what was last known of it. */
export interface ToldDevice extends Told {
  readonly subsystem: string;
  /** `KEY=VALUE\0`…, latin1. */
  readonly state: string;
  /** What its node was called there, if not as the kernel calls it: latin1, below `/dev`. */
  readonly name?: string;
  /** The incarnation may be that of a later device at the same path: not all had been read that the kernel had said. */
  readonly unsure?: true;
  /** It may have been told otherwise than so: older properties, or none. */
  readonly doubted?: true;
}

/** What a container's programs know, and what it may see. */
export interface State {
  /** Names the time within which the incarnations are told apart. */
  readonly boot: string;
  readonly told: readonly ToldDevice[];
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly granted: readonly (Told & { readonly words: Words })[];
  readonly revoked: readonly Told[];
}

/** A line that says what it is, its version and a digest of the rest, which is JSON. */
export function encodeState(state: State): Uint8Array {
  const body = JSON.stringify(state);
  return Buffer.from(`${MAGIC} ${VERSION} ${digest(body)}\n${body}`);
}

/** The state, of which all has been checked: it comes from outside. @throws BridgeError STATE_DAMAGED, VERSION_MISMATCH */
export function decodeState(bytes: Uint8Array): State {
  if (bytes.length > BYTES_MAX) throw damaged(`it has more than ${BYTES_MAX} bytes`);
  const text = Buffer.from(bytes).toString("utf8");
  const [line = "", version = "", sum = ""] = new RegExp(`^${MAGIC} (\\d{1,9}) ([0-9a-f]{64})\\n`).exec(text) ?? [];
  if (line === "") throw damaged("it does not begin as one does");
  if (Number(version) !== VERSION) throw otherVersion(version);
  const body = text.slice(line.length);
  if (digest(body) !== sum) throw damaged("it is not what was written");
  try {
    return readState(JSON.parse(body));
  } catch (cause) {
    throw cause instanceof BridgeError ? cause : damaged("it cannot be read", cause);
  }
}

function digest(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

function readState(value: unknown): State {
  const { boot, told, allow, deny, granted, revoked } = fields(value);
  const state = {
    boot: text(boot),
    told: list(told, DEVICES_MAX, readTold),
    allow: list(allow, RULES_MAX, text),
    deny: list(deny, RULES_MAX, text),
    granted: list(granted, DEVICES_MAX, (each) => ({ ...readDevice(each), words: readWords(fields(each)["words"]) })),
    revoked: list(revoked, DEVICES_MAX, readDevice),
  };
  RuleSet.of(state);
  if (new Set(state.told.map(({ devpath }) => devpath)).size < state.told.length)
    throw damaged("a device is there twice");
  return state;
}

function readDevice(value: unknown): Told {
  const { devpath, incarnation } = fields(value);
  const device = { devpath: text(devpath), incarnation: text(incarnation) };
  if (!device.devpath.startsWith("/devices/")) throw damaged(`${JSON.stringify(devpath)} is no devpath`);
  return device;
}

/** A device, as it comes from outside: it is said to programs as it is. @throws BridgeError STATE_DAMAGED */
export function readTold(value: unknown): ToldDevice {
  const { subsystem, state, name, unsure, doubted } = fields(value);
  const known = { ...readDevice(value), subsystem: text(subsystem), state: text(state) };
  const device: ToldDevice = {
    ...known,
    ...readName(name),
    ...(unsure !== undefined && { unsure: true }),
    ...(doubted !== undefined && { doubted: true }),
  };
  const event = encodeEvent("remove", device.devpath, device.subsystem, device.state, 1n);
  const isLatin1 = [device.devpath, device.subsystem, device.state].every((each) => !/[^\0-\xff]/.test(each));
  const isEvent = isLatin1 && !OWN_KEYS.test(device.state) && !isMalformed(toUevent(event));
  if (!isEvent) throw damaged(`nothing can be said of the device ${JSON.stringify(device.devpath)}`);
  return device;
}

/** A state of an earlier version has none. */
function readName(name: unknown): Pick<ToldDevice, "name"> {
  if (name === undefined) return {};
  if (typeof name === "string" && deviceNameParts(name)) return { name };
  throw damaged(`${JSON.stringify(name)} is no name of a node`);
}

/** Words of a grant, as they come from outside: an earlier version took `required` too. @throws BridgeError, RuleError */
export function readWords(value: unknown): Words {
  const { required: _, ...words } = fields(value) as Words;
  return grantedWords(words);
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw damaged("something is missing in it");
  return value as Readonly<Record<string, unknown>>;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw damaged("something is missing in it");
  return value;
}

function list<T>(value: unknown, most: number, read: (each: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw damaged("something is missing in it");
  if (value.length > most) throw damaged(`it has a list of more than ${most}`);
  return value.map(read);
}

function damaged(why: string, cause?: unknown): BridgeError {
  const remedy = "Take it anew with checkpoint(), and hand it on as it is. Nothing has been changed.";
  return new BridgeError("STATE_DAMAGED", `the state cannot be restored: ${why}`, { remedy, cause });
}

function otherVersion(version: string): BridgeError {
  const remedy = "Restore it with the version that took it, or one that knows both.";
  return new BridgeError("VERSION_MISMATCH", `the state is of version ${version}, and this relay knows ${VERSION}`, {
    remedy,
  });
}
