const AF_NETLINK = 16;
const NETLINK_KOBJECT_UEVENT = 15;

/**
 * What an OCI `config.json` says so that the holder at `listenerPath` answers `socket()` for uevents, and nothing else is asked.
 * Source: the OCI runtime specification, config-linux.md, "Seccomp".
 */
export function seccompFragment(listenerPath: string): object {
  const equals = (index: number, value: number) => ({ index, value, op: "SCMP_CMP_EQ" });
  const socket = {
    names: ["socket"],
    action: "SCMP_ACT_NOTIFY",
    args: [equals(0, AF_NETLINK), equals(2, NETLINK_KOBJECT_UEVENT)],
  };
  return { linux: { seccomp: { defaultAction: "SCMP_ACT_ALLOW", listenerPath, syscalls: [socket] } } };
}
