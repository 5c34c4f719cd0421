import type { Target, UdevInside } from "@uevent-bridge/kernel";

/** What is known of a container when it is chosen how it hears by netlink. */
export interface Look extends UdevInside {
  /** Whose its network namespace is: the relay's own, one of the initial user namespace, one of a user namespace of its own. */
  readonly netnsOwner: "host" | "initial" | "own";
}

export interface Choice {
  readonly netlink: "kernel" | "udev" | "both" | "off";
  readonly reason: string;
}

export async function lookAt(target: Target): Promise<Look> {
  const inside = await target.udevInside();
  if (target.sharesHostNetns) return { ...inside, netnsOwner: "host" };
  return { ...inside, netnsOwner: target.ownedByInitialUserns ? "initial" : "own" };
}

/** What `auto` is. A udevd that starts must find its place: libudev's programs are spoken to only where none can. */
export function choose({ netnsOwner, udevd }: Look): Choice {
  if (netnsOwner !== "own") return { netlink: "off", reason: HEARS_THE_HOST[netnsOwner] };
  return BY_UDEVD[udevd];
}

const ALREADY =
  "so its programs hear every event of the host already, but in a shadow (--shadow, uevent-bridge run) or with the shim";

const HEARS_THE_HOST = {
  host: `the container shares the host's network namespace, ${ALREADY}`,
  initial: `the initial user namespace owns the container's network namespace, ${ALREADY}`,
} satisfies Record<Exclude<Look["netnsOwner"], "own">, string>;

const OWN = "the container's network namespace has a user namespace of its own";

const BY_UDEVD = {
  runs: { netlink: "kernel", reason: `${OWN}, and its udevd tells programs of libudev` },
  installed: { netlink: "kernel", reason: `${OWN}, and a udevd is installed that may start; if none will, say both` },
  unknown: {
    netlink: "kernel",
    reason: `${OWN}; whether it has a udevd cannot be seen, so programs of libudev are left to it`,
  },
  absent: { netlink: "both", reason: `${OWN}, and no udevd that would tell programs of libudev` },
} satisfies Record<Look["udevd"], Choice>;
