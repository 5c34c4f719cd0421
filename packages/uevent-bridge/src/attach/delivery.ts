import type { Container, DeliveryChoice } from "@uevent-bridge/relay";

import { printable } from "../text/printable.js";

/** Which ways of delivery a container has and why, on one line; then what its engine must bind in. */
export function describeDelivery({ name, delivery, mounts }: Container): string {
  const lines = [`${name}: ${delivery.map(describeChoice).join("; ")}`];
  for (const { source, destination } of mounts) lines.push(`bind ${source} to ${destination} in the container`);
  return lines.map((line) => `uevent-bridge: ${printable(line)}\n`).join("");
}

function describeChoice({ channel, choice, reason }: DeliveryChoice): string {
  return `${channel} ${choice} (${reason})`;
}
