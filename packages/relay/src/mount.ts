import type { ContainerOptions } from "./delivery-options.js";

export interface Mount {
  readonly source: string;
  readonly destination: string;
  readonly type: "bind";
  readonly options: readonly string[];
}

/** Where a container finds the directory that its listeners bind in. */
export const INSIDE = "/run/uevent";
/** Where its programs of libudev look. */
const UDEV_INSIDE = "/run/udev";

/** What is shown later has to be found there too. */
const SYS_OPTIONS = ["rbind", "rslave", "ro", "nosuid", "nodev", "noexec"];

/** How these directories get there, as OCI writes it. */
export function mountsOf({ directory, udevDirectory, devices, sysDirectory }: ContainerOptions): readonly Mount[] {
  const dev = devices?.directory;
  return [
    ...(dev && !dev.isShared ? [{ ...bind(dev.path, "/dev", "ro"), options: ["bind", "ro", "nosuid", "noexec"] }] : []),
    ...(sysDirectory ? [{ ...bind(sysDirectory.path, "/sys", "ro"), options: SYS_OPTIONS }] : []),
    ...(directory ? [bind(directory.path, INSIDE, "rw")] : []),
    ...(udevDirectory ? [bind(udevDirectory.path, UDEV_INSIDE, "ro")] : []),
  ];
}

function bind(source: string, destination: string, access: "rw" | "ro"): Mount {
  return { source, destination, type: "bind", options: ["bind", access, "nosuid", "nodev", "noexec"] };
}
