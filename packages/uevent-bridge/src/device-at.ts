import { realpath, stat } from "node:fs/promises";

const SYS = "/sys";

/** The devpath to which a path of this machine leads: links in `/sys` are followed, a node is looked up by its number. */
export async function deviceAt(path: string): Promise<string | undefined> {
  const place = isBelowSys(path) ? path : await placeOfNode(path);
  const found = place && (await realpath(place).catch(() => undefined));
  return found !== undefined && isBelowSys(found) ? found.slice(SYS.length) : undefined;
}

function isBelowSys(path: string): boolean {
  return path.startsWith(`${SYS}/`);
}

/** Whatever it is called and wherever it lies. */
async function placeOfNode(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  const kind = found?.isBlockDevice() ? "block" : found?.isCharacterDevice() ? "char" : undefined;
  if (!found || !kind) return undefined;
  const { major, minor } = numberOf(found.rdev);
  return `${SYS}/dev/${kind}/${major}:${minor}`;
}

/** As the C library packs them. */
function numberOf(rdev: number): { readonly major: number; readonly minor: number } {
  const bits = BigInt(rdev);
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xffff_f000n)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & 0xffff_ff00n)),
  };
}
