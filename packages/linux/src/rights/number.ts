import type { DeviceNumber } from "@uevent-bridge/kernel";

export const KEY_SIZE = 12; // bytes: type, major, minor
export const ACCESS_SIZE = 4;

const ANY = 0xff_ff_ff_ff;
const TYPE = { block: 1, char: 2 } as const; // BPF_DEVCG_DEV_*
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 }; // BPF_DEVCG_ACC_*

export const EVERYTHING = (["block", "char"] as const).map((type) => ({ type, major: "any", minor: "any" }) as const);

/** As the map has it. */
export function keyOf({ type, major, minor }: DeviceNumber): Uint8Array {
  return new Uint8Array(Uint32Array.of(TYPE[type], valueOf(major), valueOf(minor)).buffer);
}

/** @param access its letters */
export function accessBits(access: string): Uint8Array {
  const bits = Array.from(access).reduce((all, letter) => all | (ACCESS[letter] ?? 0), 0);
  return new Uint8Array(Uint32Array.of(bits).buffer);
}

/** Those that stand for it and others, as the map has them. */
export function wildcardsOf({ type, major }: DeviceNumber): readonly DeviceNumber[] {
  return [
    { type, major, minor: "any" },
    { type, major: "any", minor: "any" },
  ];
}

/** What the kernel hands a device program that it asks. */
export function contextOf({ type, major, minor }: DeviceNumber, access: string): Uint8Array {
  const bits = new Uint32Array(accessBits(access).buffer)[0] ?? 0;
  return new Uint8Array(Uint32Array.of((bits << 16) | TYPE[type], valueOf(major), valueOf(minor)).buffer);
}

/** As cgroup v1 writes it: `c 1:3`. */
export function lineOf({ type, major, minor }: DeviceNumber): string {
  const starred = (part: number | "any"): string => (part === "any" ? "*" : `${part}`);
  return `${type === "char" ? "c" : "b"} ${starred(major)}:${starred(minor)}`;
}

/** True if the one stands for the other, or is it. */
export function covers(number: DeviceNumber, other: DeviceNumber): boolean {
  const fits = (part: number | "any", sought: number | "any"): boolean => part === "any" || part === sought;
  return number.type === other.type && fits(number.major, other.major) && fits(number.minor, other.minor);
}

function valueOf(part: number | "any"): number {
  return part === "any" ? ANY : part;
}
