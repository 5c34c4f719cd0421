import type { Container, DeliveryChoice } from "@uevent-bridge/relay";

import { printable } from "../text/printable.js";

/** What the relay puts itself into a container that runs, if its engine has not. */
const PLACED: ReadonlySet<string> = new Set(["/dev", "/sys", "/run/udev"]);

/**
 * Which ways of delivery a container has and why, on one line; then what its engine must bind in.
 * @param isRunning a process of it is known
 */
export function describeDelivery({ name, delivery, mounts }: Container, isRunning: boolean): string {
  const lines = [`${name}: ${delivery.map(describeChoice).join("; ")}`];
  const left = mounts.filter(({ destination }) => !isRunning || !PLACED.has(destination));
  for (const { source, destination } of left) lines.push(`bind ${source} to ${destination} in the container`);
  return lines.map((line) => `uevent-bridge: ${printable(line)}\n`).join("");
}

/** The same in fewer words: `box: socket /run/uevent-bridge/box, netlink kernel`. */
export function describeWays({ name, delivery }: Container): string {
  return `${name}: ${delivery.map(({ channel, choice }) => `${channel} ${choice}`).join(", ")}`;
}

function describeChoice({ channel, choice, reason }: DeliveryChoice): string {
  return `${channel} ${choice} (${reason})`;
}
