import { createHash } from "node:crypto";
import { dirname } from "node:path";

import type { Words } from "@uevent-bridge/filter";

import { readWords } from "./state.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** Who holds a device, as it is written in a file. */
export interface ClaimRecord {
  /** Names the time within which the incarnations are told apart. */
  readonly boot: string;
  readonly incarnation: string;
  readonly devpath: string;
  /** The container's name. */
  readonly holder: string;
  /** With which words it was granted the device, if it was: its rules need not claim it. */
  readonly granted?: Words;
}

/** The name of the file is of the device, so that there is one claim of each. */
export function claimFileOf({ boot, incarnation }: Pick<ClaimRecord, "boot" | "incarnation">): string {
  const digest = createHash("sha256").update(`${boot}\0${incarnation}`).digest("hex");
  return `${digest.slice(0, 32)}.claim`;
}

/** One object of JSON. */
export function encodeClaim(claim: ClaimRecord): string {
  return `${JSON.stringify(claim)}\n`;
}

/** The claim in a file of this name; undefined if it is none: it has been written by others, or not to its end. */
export function decodeClaim(file: string, text: string): ClaimRecord | undefined {
  try {
    const claim = readClaim(JSON.parse(text) as Readonly<Record<string, unknown>>);
    return claim && claimFileOf(claim) === file ? claim : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Those that count, by the incarnations of their devices: not what is below what another one claims. A relay that was killed may have had no
 * time to take such a one back.
 */
export function counting(claims: readonly ClaimRecord[]): ReadonlyMap<string, ClaimRecord> {
  const holders = new Map(claims.map(({ devpath, holder }) => [devpath, holder]));
  const isBelow = ({ devpath, holder }: ClaimRecord): boolean => {
    for (let at = dirname(devpath); at.length > 1; at = dirname(at))
      if ((holders.get(at) ?? holder) !== holder) return true;
    return false;
  };
  return new Map(claims.filter((claim) => !isBelow(claim)).map((claim) => [claim.incarnation, claim]));
}

/** True if one is the other, or above it. */
export function overlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/** @throws BridgeError, RuleError of the words; TypeError */
function readClaim(value: Readonly<Record<string, unknown>>): ClaimRecord | undefined {
  const { boot, incarnation, devpath, holder, granted } = value;
  if (typeof boot !== "string" || typeof incarnation !== "string") return undefined;
  if (typeof devpath !== "string" || !devpath.startsWith("/devices/")) return undefined;
  if (typeof holder !== "string" || !NAME.test(holder)) return undefined;
  const claim = { boot, incarnation, devpath, holder };
  return granted === undefined ? claim : { ...claim, granted: readWords(granted) };
}
