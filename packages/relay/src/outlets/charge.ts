const SHARED_INFO = 320; // struct skb_shared_info, behind the data in the same allocation
const SK_BUFF = 256;

/** Bytes of a receive buffer that the kernel charges for a datagram of this length (measured: 1280 for 300 bytes). */
export function charge(length: number): number {
  return 2 ** Math.ceil(Math.log2(length + SHARED_INFO)) + SK_BUFF;
}
