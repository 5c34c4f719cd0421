import { literal } from "@uevent-bridge/filter";
import type { Facts } from "@uevent-bridge/filter";

export const RULES_EACH = 10;
const PICKS = 3; // containers that have a rule for a given device

/** What the rules of containers look like; `n` counts devices, of which only the first ones exist. */
export type Style = "path rules" | "kinds";

/**
 * Ten rules for each container, so that about three containers pick each of the devices, and all other rules are for devices of
 * the same names with other numbers, which are not there.
 */
export function rulesOf(containers: number, style: Style, devices: readonly Facts[]): string[][] {
  const different = Math.max(devices.length, Math.floor((containers * RULES_EACH) / PICKS));
  return Array.from({ length: containers }, (_, i) =>
    Array.from({ length: RULES_EACH }, (_, j) => {
      const n = (i * RULES_EACH + j) % different;
      const device = devices[n % devices.length] as Facts; // there are some
      return style === "path rules" ? pathRule(device, variant(n, devices)) : kindRule(device, variant(n, devices), j);
    }),
  );
}

/** "" for the device itself, else what makes a name another one's. */
function variant(n: number, devices: readonly Facts[]): string {
  const round = Math.floor(n / devices.length);
  return round === 0 ? "" : `-${round}`;
}

function pathRule({ devpath }: Facts, other: string): string {
  return literal(devpath + other);
}

function kindRule(device: Facts, other: string, j: number): string {
  const { subsystem, devpath } = device;
  const name = literal((device.property("DEVNAME") ?? "") + other);
  const sysname = literal(devpath.slice(devpath.lastIndexOf("/") + 1) + other);
  return [`devname=${name}`, `subsystem=${subsystem},sysname=${sysname}`, `subsystem=${subsystem},devname=${name}*`][
    j % 3
  ] as string;
}
