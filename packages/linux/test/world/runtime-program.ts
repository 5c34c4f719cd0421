import { closeSync } from "node:fs";

import type { Addon } from "../../src/addon.js";

/** What is allowed, as in `devices.allow`: `c 1:5 rw`, `c *:* m`. */
const LINE = /^([bc]) (\d+|\*):(\d+|\*) ([rwm]+)$/;
const TYPE: Readonly<Record<string, number>> = { b: 1, c: 2 };
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** Attaches a device program to a cgroup, as a runtime assembles it: these lines are allowed, and nothing else. @returns its descriptor */
export function attachRuntimeProgram(addon: Addon, cgroup: number, name: string, lines: readonly string[]): number {
  const program = addon.loadDeviceProgram(name, Buffer.concat([...BEGIN, ...lines.flatMap(allow), ...answer(0)]));
  const result = program < 0 ? program : addon.attachDeviceProgram(cgroup, program, -1);
  if (result === 0) return program;
  if (program >= 0) closeSync(program);
  throw new Error(`no device program: ${result}`);
}

function instruction(code: number, registers: number, offset = 0, immediate = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8(registers, 1);
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(immediate, 4);
  return bytes;
}

const answer = (allowed: number): Buffer[] => [instruction(0xb7, 0x00, 0, allowed), instruction(0x95, 0x00)];

const BEGIN = [
  instruction(0x61, 0x12, 0), // r2 = access << 16 | type
  instruction(0xbf, 0x23), // r3 = r2
  instruction(0x57, 0x02, 0, 0xffff), // r2: type
  instruction(0x77, 0x03, 0, 16), // r3: access
  instruction(0x61, 0x14, 4), // r4: major
  instruction(0x61, 0x15, 8), // r5: minor
];

function allow(line: string): Buffer[] {
  const [, type = "", major, minor, access = ""] = LINE.exec(line) ?? [];
  const others = Array.from("rwm").filter((letter) => !access.includes(letter));
  const refused = others.reduce((bits, letter) => bits | (ACCESS[letter] ?? 0), 0);
  const conditions = [
    ...isUnless(2, TYPE[type]),
    ...isUnless(4, major === "*" ? undefined : Number(major)),
    ...isUnless(5, minor === "*" ? undefined : Number(minor)),
    { code: 0x45, register: 3, value: refused }, // any of these bits
  ];
  const length = conditions.length + 2;
  const jumps = conditions.map(({ code, register, value }, i) => instruction(code, register, length - i - 1, value));
  return [...jumps, ...answer(1)];
}

/** On to the next line unless a register has the value. */
function isUnless(register: number, value: number | undefined): { code: number; register: number; value: number }[] {
  return value === undefined ? [] : [{ code: 0x55, register, value }];
}
