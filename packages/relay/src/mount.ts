import type { Mount } from "./types.js";

/** Where a container finds the directory that its listeners bind in. */
export const INSIDE = "/run/uevent";
/** Where its programs of libudev look. */
const UDEV_INSIDE = "/run/udev";

/** Directories of the host, by what they are for. */
export interface Sources {
  readonly listeners: string | undefined;
  readonly udev: string | undefined;
  readonly dev: string | undefined;
}

/** How these directories get there, as OCI writes it. */
export function mountsOf({ listeners, udev, dev }: Sources): readonly Mount[] {
  return [
    ...(dev === undefined ? [] : [{ ...bind(dev, "/dev", "ro"), options: ["bind", "ro", "nosuid", "noexec"] }]),
    ...(listeners === undefined ? [] : [bind(listeners, INSIDE, "rw")]),
    ...(udev === undefined ? [] : [bind(udev, UDEV_INSIDE, "ro")]),
  ];
}

function bind(source: string, destination: string, access: "rw" | "ro"): Mount {
  return { source, destination, type: "bind", options: ["bind", access, "nosuid", "nodev", "noexec"] };
}
