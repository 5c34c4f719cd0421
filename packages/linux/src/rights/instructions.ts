/** eBPF for the opening of device nodes: what is granted by a map is allowed, and all else as the program before it says. */

const SIZE = 8; // bytes of an instruction
const ANY = -1; // a number, as in the map's wildcards
const KEY = -16; // where the key is on the stack
/** Where the program before is asked of the rest: deep in the stack, of which the programs of runtimes have no use. */
const REST = -512;

const REGISTER = {
  result: 0,
  first: 1,
  second: 2,
  context: 6,
  access: 7,
  type: 8,
  granted: 9,
  stack: 10,
} as const;

const CODE = {
  loadImmediate: 0x18, // takes two
  load32: 0x61,
  store32Immediate: 0x62,
  store32: 0x63,
  add: 0x07,
  or: 0x4f,
  and: 0x5f,
  exclusiveOr: 0xaf,
  andImmediate: 0x57,
  shiftLeft: 0x67,
  shiftRight: 0x77,
  move: 0xbf,
  moveImmediate: 0xb7,
  jumpIfNotEqual: 0x5d,
  jumpIfZero: 0x15,
  call: 0x85,
  exit: 0x95,
} as const;

const MAP_FD = 1; // the source register of LoadImmediate: the number is a descriptor
const MAP_LOOKUP = 1; // the helper function's number
/** Stands before the instructions of another program, so that they are found again: "uevb". */
const MARK = 0x62766575;

/** An instruction as it lies in memory, on this machine's byte order. */
function instruction(code: number, to = 0, from = 0, offset = 0, immediate = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(SIZE));
  view.setUint8(0, code);
  view.setUint8(1, to | (from << 4));
  view.setInt16(2, offset, true);
  view.setInt32(4, immediate, true);
  return new Uint8Array(view.buffer);
}

/** What the map has for the key joins what is granted. */
function lookUp(map: number): Uint8Array[] {
  return [
    instruction(CODE.loadImmediate, REGISTER.first, MAP_FD, 0, map),
    instruction(0),
    instruction(CODE.move, REGISTER.second, REGISTER.stack),
    instruction(CODE.add, REGISTER.second, 0, 0, KEY),
    instruction(CODE.call, 0, 0, 0, MAP_LOOKUP),
    instruction(CODE.jumpIfZero, REGISTER.result, 0, 2),
    instruction(CODE.load32, REGISTER.first, REGISTER.result),
    instruction(CODE.or, REGISTER.granted, REGISTER.first),
  ];
}

/** The kernel's `struct bpf_cgroup_dev_ctx`: access << 16 | type, major, minor. The key: type, major, minor. */
const begin = [
  instruction(CODE.move, REGISTER.context, REGISTER.first),
  instruction(CODE.load32, REGISTER.access, REGISTER.context, 0),
  instruction(CODE.move, REGISTER.type, REGISTER.access),
  instruction(CODE.andImmediate, REGISTER.type, 0, 0, 0xffff),
  instruction(CODE.shiftRight, REGISTER.access, 0, 0, 16),
  instruction(CODE.moveImmediate, REGISTER.granted),
  instruction(CODE.store32, REGISTER.stack, REGISTER.type, KEY),
  instruction(CODE.load32, REGISTER.first, REGISTER.context, 4),
  instruction(CODE.store32, REGISTER.stack, REGISTER.first, KEY + 4),
  instruction(CODE.load32, REGISTER.first, REGISTER.context, 8),
  instruction(CODE.store32, REGISTER.stack, REGISTER.first, KEY + 8),
];

const allowIfGranted = [
  instruction(CODE.and, REGISTER.granted, REGISTER.access),
  instruction(CODE.jumpIfNotEqual, REGISTER.granted, REGISTER.access, 2),
  instruction(CODE.moveImmediate, REGISTER.result, 0, 0, 1),
  instruction(CODE.exit),
];

/** The program before is asked for the letters that are not granted: it finds them where it would find all that are asked for. */
const askTheRest = [
  instruction(CODE.exclusiveOr, REGISTER.access, REGISTER.granted),
  instruction(CODE.shiftLeft, REGISTER.access, 0, 0, 16),
  instruction(CODE.or, REGISTER.access, REGISTER.type),
  instruction(CODE.store32, REGISTER.stack, REGISTER.access, REST),
  instruction(CODE.load32, REGISTER.first, REGISTER.context, 4),
  instruction(CODE.store32, REGISTER.stack, REGISTER.first, REST + 4),
  instruction(CODE.load32, REGISTER.first, REGISTER.context, 8),
  instruction(CODE.store32, REGISTER.stack, REGISTER.first, REST + 8),
  instruction(CODE.move, REGISTER.first, REGISTER.stack),
  instruction(CODE.add, REGISTER.first, 0, 0, REST),
];

const askAll = [instruction(CODE.move, REGISTER.first, REGISTER.context)];

const mark = instruction(CODE.moveImmediate, REGISTER.result, 0, 0, MARK);

const refuse = [instruction(CODE.moveImmediate, REGISTER.result), instruction(CODE.exit)];

/**
 * What the map grants and what the program before allows are united letter by letter, unless that one uses the stack.
 * @param before the instructions of the program in whose place it is; without, what the map does not grant is refused
 */
export function deviceProgram(map: number, before?: Uint8Array): Uint8Array {
  return Buffer.concat([
    ...begin,
    ...lookUp(map),
    instruction(CODE.store32Immediate, REGISTER.stack, 0, KEY + 8, ANY),
    ...lookUp(map),
    instruction(CODE.store32Immediate, REGISTER.stack, 0, KEY + 4, ANY),
    ...lookUp(map),
    ...allowIfGranted,
    ...(before ? [...(usesStack(before) ? askAll : askTheRest), mark, before] : refuse),
  ]);
}

/** The instructions of the program in whose place one of ours is; undefined if there was none. */
export function programBefore(instructions: Uint8Array): Uint8Array | undefined {
  for (let at = 0; at < instructions.length; at += SIZE) {
    const next = instructions.subarray(at, at + SIZE);
    if (Buffer.compare(next, mark) === 0) return instructions.slice(at + SIZE);
  }
  return undefined;
}

/** True if it can be loaded again as it is: it calls nothing and looks into no map, as those of runtimes do not. */
export function canBeCopied(instructions: Uint8Array): boolean {
  if (instructions.length === 0) return false; // the kernel hides them
  for (let at = 0; at < instructions.length; at += SIZE) {
    const isWide = instructions[at] === CODE.loadImmediate;
    if (instructions[at] === CODE.call) return false;
    if (isWide && ((instructions[at + 1] ?? 0) & 0xf0) !== 0) return false;
    if (isWide) at += SIZE; // the second half is no instruction
  }
  return true;
}

/** True if it reads or writes the stack, as those of runtimes do not. */
export function usesStack(instructions: Uint8Array): boolean {
  for (let at = 0; at < instructions.length; at += SIZE) {
    const registers = instructions[at + 1] ?? 0;
    if ((registers & 0xf) === REGISTER.stack || registers >> 4 === REGISTER.stack) return true;
    if (instructions[at] === CODE.loadImmediate) at += SIZE;
  }
  return false;
}
