/** One recorded datagram and what the socket said of it. */
export interface Record {
  readonly bytes: Uint8Array;
  /** CLOCK_REALTIME at which it was received, in ns. */
  readonly time: bigint;
  /** `nl_pid` of the sender; 0 is the kernel. */
  readonly portId: number;
  /** Multicast groups: 1 is the kernel's form, 2 udev's. */
  readonly groups: number;
  /** `SCM_CREDENTIALS` of the sender. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** True if the kernel reported ENOBUFS just before it. */
  readonly overrun: boolean;
}

const MAGIC = 0x31564555; // "UEV1"
const HEADER_BYTES = 40;

/**
 * The records of a file of recorded datagrams, in order. They are views of `file`.
 * @throws RangeError if it is no such file or is cut off
 */
export function readRecords(file: Uint8Array): Record[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const records: Record[] = [];
  for (let at = 0; at < file.length;) {
    if (view.getUint32(at, true) !== MAGIC) throw new RangeError(`No record at byte ${at}`);
    const start = at + HEADER_BYTES;
    const end = start + view.getUint32(at + 4, true);
    if (end > file.length) throw new RangeError(`The record at byte ${at} is cut off`);
    records.push({ bytes: file.subarray(start, end), ...senderAt(view, at + 8) });
    at = end;
  }
  return records;
}

function senderAt(view: DataView, at: number): Omit<Record, "bytes"> {
  return {
    time: view.getBigUint64(at, true),
    portId: view.getUint32(at + 8, true),
    groups: view.getUint32(at + 12, true),
    pid: view.getInt32(at + 16, true),
    uid: view.getInt32(at + 20, true),
    gid: view.getInt32(at + 24, true),
    overrun: (view.getUint32(at + 28, true) & 1) !== 0,
  };
}
