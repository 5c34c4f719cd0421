/** The parts of a device number, as the C library packs them. */
export function numberOf(rdev: number): { readonly major: number; readonly minor: number } {
  const bits = BigInt(rdev);
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn & 0xffff_ffffn)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & ~0xffn & 0xffff_ffffn)),
  };
}
