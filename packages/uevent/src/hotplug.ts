import { KERNEL_ENV_BYTES } from "./bounds.js";
import { isReservedName } from "./reserved-names.js";
import type { Uevent } from "./uevent.js";

/** How the kernel would start its hotplug helper for an event. */
export interface HotplugEnvironment {
  /** What follows the program's name: the subsystem. */
  readonly args: readonly [subsystem: string];
  /** All that the program may have in its environment: nothing of our own is passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of the event that are left out, because a program would take them for something else. */
  readonly refused: readonly string[];
}

export interface HotplugOptions {
  /** False leaves SEQNUM out: with `/dev/mdev.seq`, busybox mdev waits two seconds at each gap in it. Default true. */
  readonly seqnum?: boolean;
}

/** The environment that the kernel gives its helper. */
const FIXED = { HOME: "/", PATH: "/sbin:/bin:/usr/sbin:/usr/bin" } as const;

const NAME_BYTES = 64;

/** The arguments and the whole environment of a program that is run for an event. */
export function hotplugEnvironment(
  { env: variables, subsystem }: Pick<Uevent, "env" | "subsystem">,
  { seqnum = true }: HotplugOptions = {},
): HotplugEnvironment {
  const env: Record<string, string> = { ...FIXED };
  const refused: string[] = [];
  for (const [name, value] of variables) {
    if (name === "SEQNUM" && !seqnum) continue;
    if (isGoodName(name) && isGoodValue(value)) env[name] = value;
    else refused.push(name);
  }
  return { args: [subsystem], env, refused };
}

function isGoodName(name: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(name) && name.length <= NAME_BYTES && !isReservedName(name);
}

function isGoodValue(value: string): boolean {
  if (value.length > KERNEL_ENV_BYTES) return false;
  if (value.startsWith("() {")) return false; // old shells run what follows
  return !/\p{Surrogate}|\0/u.test(value); // no runtime passes on what is not Unicode
}
