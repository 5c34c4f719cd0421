/** What udev calls a device in its database: `b8:1`, `c116:3`, `n2`, `+usb:1-2`. @param property of its `uevent` file */
export function udevId(
  { devpath, subsystem }: { readonly devpath: string; readonly subsystem: string },
  property: (key: string) => string | undefined,
): string {
  const [major, minor, ifindex] = ["MAJOR", "MINOR", "IFINDEX"].map((key) => numberIn(property(key)));
  if (major !== undefined && minor !== undefined) return `${subsystem === "block" ? "b" : "c"}${major}:${minor}`;
  if (ifindex !== undefined) return `n${ifindex}`;
  return `+${subsystem}:${devpath.slice(devpath.lastIndexOf("/") + 1)}`;
}

function numberIn(text: string | undefined): string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? text : undefined;
}
