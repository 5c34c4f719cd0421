import { join } from "node:path";

import type { Deliver } from "@uevent-bridge/relay";

/** One way to a container's programs. */
export interface Form {
  readonly id: string;
  readonly work: string;
  /** What its receiver opens: a socket's name in the container's directory, or a group of netlink. */
  readonly listens: { readonly socket: string } | { readonly group: 1 | 2; readonly in: "container" | "shadow" };
}

export const FORMS: readonly Form[] = [
  { id: "socket", work: "socket, the kernel's form", listens: { socket: "bench.sock" } },
  { id: "udev-socket", work: "socket, udev's form", listens: { socket: "bench.udev.sock" } },
  { id: "kernel", work: "netlink, the kernel's group", listens: { group: 1, in: "container" } },
  { id: "udev", work: "netlink, udev's groups", listens: { group: 2, in: "container" } },
  { id: "shadow", work: "shadow, the kernel's group", listens: { group: 1, in: "shadow" } },
];

/** How the container number `i` is attached. */
export function deliveryOf(
  form: string,
  directory: string,
  i: number,
  pid: number,
): { pid?: number; deliver: Deliver } {
  switch (form) {
    case "kernel":
    case "udev":
      return { pid, deliver: { netlink: form } };
    case "shadow":
      return { deliver: { netlink: "kernel", shadow: { listenerPath: shadowPath(directory, i) } } };
    default:
      return { deliver: { socket: true } };
  }
}

export function shadowPath(directory: string, i: number): string {
  return join(directory, "shadows", `box${i}`);
}
