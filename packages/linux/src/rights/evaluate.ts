/** What a device program answers, found out without having the kernel run it: it is asked of a program that only computes. */

const SIZE = 8; // bytes of an instruction
const CONTEXT = 1n << 40n; // where the context lies, as the program sees it: no number in it is as large
const STEPS_MAX = 65_536; // instructions: the kernel lets none jump back, this is the length of the longest that is read
const WIDTHS = [4, 2, 1, 8] as const; // bytes that a load takes, by its two bits

type Operation = (a: bigint, b: bigint) => bigint;
type Comparison = (a: bigint, b: bigint) => boolean;

/** By the upper four bits of the code. */
const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x00, (a, b) => a + b],
  [0x10, (a, b) => a - b],
  [0x20, (a, b) => a * b],
  [0x40, (a, b) => a | b],
  [0x50, (a, b) => a & b],
  [0x60, (a, b) => a << (b & 63n)],
  [0x70, (a, b) => a >> (b & 63n)],
  [0xa0, (a, b) => a ^ b],
  [0xb0, (_, b) => b],
]);

const COMPARISONS: ReadonlyMap<number, Comparison> = new Map<number, Comparison>([
  [0x00, () => true],
  [0x10, (a, b) => a === b],
  [0x20, (a, b) => a > b],
  [0x30, (a, b) => a >= b],
  [0x40, (a, b) => (a & b) !== 0n],
  [0x50, (a, b) => a !== b],
  [0xa0, (a, b) => a < b],
  [0xb0, (a, b) => a <= b],
]);

const CLASS = { loadImmediate: 0, load: 1, compute32: 4, jump: 5, jump32: 6, compute64: 7 } as const;
const LOAD_IMMEDIATE = 0x18;
const FROM_MEMORY = 0x60;
const FROM_REGISTER = 0x08;
const EXIT = 0x95;

/**
 * Whether a device program lets something through; undefined if it does more than compute, so that only the kernel could say.
 * @param context what the kernel hands it: 12 bytes
 */
export function evaluate(instructions: Uint8Array, context: Uint8Array): boolean | undefined {
  const code = new DataView(instructions.buffer, instructions.byteOffset, instructions.byteLength);
  const registers = new BigUint64Array(16); // eleven, and those that an instruction could name
  registers[1] = CONTEXT;
  let at: number | undefined = 0;
  for (let steps = 0; steps < STEPS_MAX && at !== undefined && (at + 1) * SIZE <= code.byteLength; steps++) {
    if (code.getUint8(at * SIZE) === EXIT) return ((registers[0] ?? 0n) & 1n) === 1n;
    at = step(code, at, registers, context);
  }
  return undefined;
}

/** Does one instruction. Returns where the next one is; undefined if it is not known what this one does. */
function step(code: DataView, at: number, registers: BigUint64Array, context: Uint8Array): number | undefined {
  const start = at * SIZE;
  const opcode = code.getUint8(start);
  const [to, from] = [code.getUint8(start + 1) & 15, code.getUint8(start + 1) >> 4];
  const offset = code.getInt16(start + 2, true);
  const immediate = BigInt(code.getInt32(start + 4, true));
  const kind = opcode & 7;
  const [a, b] = [registers[to] ?? 0n, opcode & FROM_REGISTER ? (registers[from] ?? 0n) : immediate];
  if (opcode === LOAD_IMMEDIATE && from === 0 && start + 2 * SIZE <= code.byteLength) {
    registers[to] = BigInt(code.getUint32(start + 4, true)) | (BigInt(code.getUint32(start + 12, true)) << 32n);
    return at + 2;
  }
  if (kind === CLASS.load) {
    const value = load(context, (registers[from] ?? 0n) - CONTEXT + BigInt(offset), opcode);
    if (value === undefined) return undefined;
    registers[to] = value;
    return at + 1;
  }
  if (kind === CLASS.compute32 || kind === CLASS.compute64) {
    const bits = kind === CLASS.compute32 ? 32 : 64;
    const operation = OPERATIONS.get(opcode & 0xf0);
    if (!operation) return undefined;
    registers[to] = BigInt.asUintN(bits, operation(BigInt.asUintN(bits, a), BigInt.asUintN(bits, b)));
    return at + 1;
  }
  if (kind === CLASS.jump || kind === CLASS.jump32) {
    const bits = kind === CLASS.jump32 ? 32 : 64;
    const isMet = COMPARISONS.get(opcode & 0xf0);
    if (!isMet) return undefined;
    const next = at + 1 + (isMet(BigInt.asUintN(bits, a), BigInt.asUintN(bits, b)) ? offset : 0);
    return next < 0 ? undefined : next;
  }
  return undefined;
}

function load(context: Uint8Array, start: bigint, opcode: number): bigint | undefined {
  const width = WIDTHS[(opcode >> 3) & 3] ?? 8;
  if ((opcode & 0xe0) !== FROM_MEMORY || start < 0n || start + BigInt(width) > BigInt(context.length)) return undefined;
  const bytes = context.subarray(Number(start), Number(start) + width).toReversed();
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
