import type { Access, DeviceNumber } from "../device-rights.js";

/** What is said of a device, as in `devices.allow` of cgroup v1: `c 1:5 rw`, `b 7:* r`, `c *:* m`. */
export interface DeviceLine {
  readonly number: DeviceNumber;
  readonly access: Access;
}

const LINE = /^([bc]) (\d+|\*):(\d+|\*) ((?=.)r?w?m?)$/;

/** @throws Error when it is none */
export function readLine(line: string): DeviceLine {
  const [, type, major = "", minor = "", access] = LINE.exec(line) ?? [];
  if (type === undefined) throw new Error(`FakeKernel: not a line such as "c 1:5 rw": ${line}`);
  const numberOf = (text: string): number | "any" => (text === "*" ? "any" : Number(text));
  const number = { type: type === "c" ? "char" : "block", major: numberOf(major), minor: numberOf(minor) } as const;
  return { number, access: access as Access };
}

/** `c 1:5`, `b 7:*`. */
export function writeNumber({ type, major, minor }: DeviceNumber): string {
  const textOf = (part: number | "any"): string => (part === "any" ? "*" : `${part}`);
  return `${type === "char" ? "c" : "b"} ${textOf(major)}:${textOf(minor)}`;
}

/** True if what is said of the first is said of the second too. */
export function covers(number: DeviceNumber, other: DeviceNumber): boolean {
  const fits = (part: number | "any", sought: number | "any"): boolean => part === "any" || part === sought;
  return number.type === other.type && fits(number.major, other.major) && fits(number.minor, other.minor);
}

/** True if every letter of the one is among the others. */
export function isWithin(access: string, others: Iterable<string>): boolean {
  const all = [...others].join("");
  return Array.from(access).every((letter) => all.includes(letter));
}
