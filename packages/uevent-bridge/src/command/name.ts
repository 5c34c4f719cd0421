import { BridgeError } from "@uevent-bridge/relay";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** A container's name; it becomes a part of paths. @throws BridgeError NAME_INVALID */
export function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new BridgeError("NAME_INVALID", `${JSON.stringify(name)} is no name for a container`, {
    remedy: "Use 1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit.",
  });
}
