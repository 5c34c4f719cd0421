/** A policy and, in plain words, what it lets a container see. */
export interface Rules {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly sees: (devpath: string) => boolean;
}

export const isNet = (devpath: string): boolean => devpath.startsWith("/devices/virtual/net/");

/** Policies for these loop devices and for the links of links.ts. */
export function rulesFor(loops: readonly string[]): readonly Rules[] {
  const [first = "", ...others] = loops;
  return [
    { allow: [first, "subsystem=net"], deny: [], sees: (devpath) => devpath === first || isNet(devpath) },
    { allow: others, deny: [], sees: (devpath) => others.includes(devpath) },
    {
      allow: [...loops, "/devices/virtual/net/even*"],
      deny: [first],
      sees: (devpath) => others.includes(devpath) || devpath.startsWith("/devices/virtual/net/even"),
    },
    {
      allow: ["subsystem=net"],
      deny: ["sysname=peer*|lo"],
      sees: (devpath) => isNet(devpath) && !/\/(peer.*|lo)$/.test(devpath),
    },
  ];
}
