import { fstatSync } from "node:fs";

/** What a container's `/dev` is known by. */
export interface DevIdentity {
  /** Of the mount namespace in which it was found. */
  readonly mntns: bigint;
  /** Its file system, whose number another one has later … */
  readonly device: bigint;
  readonly inode: bigint;
  /** … and when it was made, in nanoseconds; 0 where the kernel does not say it, before 6.0. */
  readonly born: bigint;
}

export function identityOf(dev: number, mntns: bigint): DevIdentity {
  const { dev: device, ino: inode, birthtimeNs: born } = fstatSync(dev, { bigint: true });
  return { mntns, device, inode, born };
}

/** Another mount namespace may have it too. */
export function isSameDev(a: DevIdentity, b: DevIdentity): boolean {
  const isKnown = a.mntns === b.mntns || (a.born !== 0n && a.born === b.born);
  return isKnown && a.device === b.device && a.inode === b.inode;
}

export function formatIdentity({ mntns, device, inode, born }: DevIdentity): string {
  return [mntns, device, inode, born].join(" ");
}

/** Undefined if it is none. What a relay of an older version wrote does not say when it was made. */
export function parseIdentity(text: string): DevIdentity | undefined {
  const [, mntns, device, inode, born = "0"] = /^(\d+) (\d+) (\d+)(?: (\d+))?$/.exec(text) ?? [];
  if (mntns === undefined || device === undefined || inode === undefined) return undefined;
  return { mntns: BigInt(mntns), device: BigInt(device), inode: BigInt(inode), born: BigInt(born) };
}
