import { ERRNO, systemError } from "../errno.js";

/** `enum hand_work`. */
const WORK = {
  open: 0,
  look: 1,
  make: 2,
  name: 3,
  change: 4,
  try: 5,
  remove: 6,
  put: 7,
  write: 8,
  take: 9,
  list: 10,
  empty: 11,
  find: 12,
  place: 13,
  unmount: 14,
} as const;

const PATH_MAX = 2047; // bytes: HAND_PATH_SIZE less the NUL
const TEXT_MAX = 65_535; // bytes of the target of a link, or of a file: HAND_TEXT_SIZE less the NUL
/** `struct hand_order`. */
const ORDER = { length: 28, inode: 32, path: 40, text: 40 + PATH_MAX + 1 } as const;
/** `struct hand_answer`. */
const ANSWER = { error: 0, mode: 4, major: 8, minor: 12, inode: 16, slept: 24 } as const;
export const ANSWER_SIZE = 32; // bytes

export type Work = keyof typeof WORK;

/** What is to be there: `mode` has the type in it. */
export interface Likeness {
  readonly mode: number;
  readonly major?: number;
  readonly minor?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** What is there. */
export interface Found {
  readonly mode: number;
  readonly major: number;
  readonly minor: number;
  readonly inode: bigint;
}

/** What the hand is to do. */
export interface Order {
  readonly path: string;
  /** Of what is meant: nothing is done to anything else. */
  readonly inode?: bigint;
  readonly like?: Likeness;
  readonly text?: string;
}

/** @throws Error ENAMETOOLONG */
export function bytesOf(work: Work, { path, inode = 0n, like, text = "" }: Order): Buffer {
  if (path.length > PATH_MAX || text.length > TEXT_MAX) throw withCode(work, -ERRNO.ENAMETOOLONG);
  const order = Buffer.alloc(ORDER.text + text.length + 1);
  const { mode = 0, major = 0, minor = 0, uid = 0, gid = 0 } = like ?? {};
  [WORK[work], mode, major, minor, uid, gid].forEach((value, i) => order.writeUInt32LE(value, i * 4));
  order.writeUInt32LE(text.length, ORDER.length);
  order.writeBigUInt64LE(inode, ORDER.inode);
  order.write(path, ORDER.path, "latin1");
  order.write(text, ORDER.text, "latin1");
  return order;
}

export function foundIn(answer: Buffer): Found {
  const [mode = 0, major = 0, minor = 0] = [ANSWER.mode, ANSWER.major, ANSWER.minor].map((at) =>
    answer.readUInt32LE(at),
  );
  return { mode, major, minor, inode: answer.readBigUInt64LE(ANSWER.inode) };
}

/** False where nothing came: the error is our own. */
export function hasAnswered(answer: Buffer): boolean {
  return answer.readInt32LE(ANSWER.error) !== 0;
}

/** Milliseconds for which it was held up. */
export function sleptIn(answer: Buffer): number {
  return Number(answer.readBigUInt64LE(ANSWER.slept));
}

/** What Node throws of a call that failed. */
export function withCode(call: string, result: number): Error {
  const error = systemError(call, result);
  return Object.assign(error, { code: error.message.slice(call.length + 2), errno: result });
}
