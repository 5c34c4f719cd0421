import { constants } from "node:fs";
import { open } from "node:fs/promises";

import type { UdevInside } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { glimpsesIn } from "./glimpse.js";
import { listensOnControl } from "./udev.js";

const PAGE = 65_536; // bytes
const PAGES_MAX = 16; // of its list of unix sockets, some 10 000
const TYPE = 0o170000; // of a mode
const CONTROL = "/run/udev/control";

/** Where udevd is installed: systemd's, eudev's, and that of NixOS. */
const UDEVDS = [
  "/usr/lib/systemd/systemd-udevd",
  "/lib/systemd/systemd-udevd",
  "/usr/lib/udev/udevd",
  "/lib/udev/udevd",
  "/usr/libexec/udevd",
  "/usr/bin/udevd",
  "/usr/sbin/udevd",
  "/sbin/udevd",
  "/bin/udevd",
  "/run/current-system/systemd/lib/systemd/systemd-udevd",
];

/** What of udev is in the container of a process. */
export async function udevInside(addon: Addon, pid: number): Promise<UdevInside> {
  const glimpses = await glimpsesIn(addon, pid, [CONTROL, ...UDEVDS]);
  if (!glimpses) return { udevd: "unknown", control: false };
  const [control, ...udevds] = glimpses.map((glimpse) => glimpse?.mode);
  return { udevd: await stateOf(pid, udevds), control: control !== undefined };
}

async function stateOf(pid: number, udevds: readonly (number | undefined)[]): Promise<UdevInside["udevd"]> {
  if (listensOnControl(await unixSockets(pid).catch(() => ""))) return "runs";
  const isFile = (mode: number | undefined) => mode !== undefined && (mode & TYPE) === constants.S_IFREG;
  return udevds.some(isFile) ? "installed" : "absent";
}

/** The list of its network namespace, as far as it is read: a container makes it as long as it likes. */
async function unixSockets(pid: number): Promise<string> {
  const file = await open(`/proc/${pid}/net/unix`).catch(() => undefined);
  if (!file) return "";
  try {
    const lines: string[] = [];
    for (const bytes = Buffer.alloc(PAGE); lines.length < PAGES_MAX;) {
      const { bytesRead } = await file.read(bytes, 0, PAGE);
      if (bytesRead === 0) break;
      lines.push(bytes.toString("latin1", 0, bytesRead));
    }
    return lines.join("");
  } finally {
    await file.close();
  }
}
