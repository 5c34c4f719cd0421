const U64_MAX = 2n ** 64n - 1n;

/** A decimal number of 64 bits, as the kernel writes it; undefined if it is none. */
export function parseSeqnum(value: string): bigint | undefined {
  if (!/^[0-9]{1,20}$/.test(value)) return undefined;
  const seqnum = BigInt(value);
  return seqnum <= U64_MAX ? seqnum : undefined;
}
