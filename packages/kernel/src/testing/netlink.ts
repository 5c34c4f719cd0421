const SK_BUFF = 256; // bytes of struct sk_buff
const SHARED_INFO = 320; // bytes of struct skb_shared_info
const CACHE_LINE = 64; // bytes

/** A datagram with what the kernel says of its sender. */
export interface Datagram {
  readonly bytes: Uint8Array;
  /** `nl_pid`; 0 is the kernel. */
  readonly portId: number;
  /** Multicast groups: 1 kernel, 2 udev, 0 unicast. */
  readonly groups: number;
  readonly pid: number;
  readonly uid: number;
}

/** What a datagram of `length` bytes costs of a receive buffer: data and its book-keeping in a power of two, and the head. */
export function charge(length: number): number {
  const data = Math.ceil(length / CACHE_LINE) * CACHE_LINE + SHARED_INFO;
  return SK_BUFF + 2 ** Math.ceil(Math.log2(data)); // 300 bytes: 1280, as measured
}

/** A netlink socket as a receiver: a bounded queue that overruns as Linux lets it overrun. */
export class NetlinkSocket {
  readonly inode: number;
  readonly receiveBuffer: number;
  /** Called when there is something to read. */
  onReadable: () => void = () => {};
  #queue: Datagram[] = [];
  #rmem = 0;
  #drops = 0;
  #congested = false; // from the first loss until the queue was emptied, everything is lost
  #error = false; // ENOBUFS, once for each congestion

  constructor(inode: number, receiveBuffer: number) {
    this.inode = inode;
    this.receiveBuffer = receiveBuffer;
  }

  get rmem(): number {
    return this.#rmem;
  }

  get drops(): number {
    return this.#drops;
  }

  get readable(): boolean {
    return this.#error || this.#queue.length > 0;
  }

  push(datagram: Datagram): void {
    const rmem = this.#rmem + charge(datagram.bytes.length);
    const fits = this.#queue.length === 0 || rmem <= this.receiveBuffer;
    if (this.#congested || !fits) return this.lose();
    this.#rmem = rmem;
    this.#queue.push(datagram);
    this.onReadable();
  }

  /** Loses one datagram. */
  lose(): void {
    this.#drops++;
    if (this.#congested) return;
    this.#congested = true;
    this.#error = true;
    this.onReadable();
  }

  /** True once for each overrun, and before what was queued earlier. */
  takeError(): boolean {
    const error = this.#error;
    this.#error = false;
    this.#relax();
    return error;
  }

  take(): Datagram | undefined {
    const datagram = this.#queue.shift();
    if (datagram) this.#rmem -= charge(datagram.bytes.length);
    this.#relax();
    return datagram;
  }

  #relax(): void {
    if (this.#queue.length === 0) this.#congested = false;
  }
}
