const U64_MAX = "18446744073709551615";

/** True for a decimal number of 64 bits, as the kernel writes it. */
export function isSeqnum(value: string): boolean {
  if (!/^[0-9]{1,20}$/.test(value)) return false;
  return value.length < U64_MAX.length || value <= U64_MAX; // of the same length: the order of strings is that of numbers
}
