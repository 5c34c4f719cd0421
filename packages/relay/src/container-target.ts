import type { Injector, Target, TargetRef } from "@uevent-bridge/kernel";

import type { Choice } from "./choose.js";
import type { Form } from "./outlets/form.js";
import { kernelForm, libudevZeroForm, udevForm } from "./outlets/form.js";
import type { AttachOptions } from "./types.js";
import type { UdevDesk } from "./udev/desk.js";

/** A uevent group of a container's netns, and how its readers want to be told. */
export interface WayIn {
  readonly injector: Injector;
  readonly form: Form;
}

const FORMS: Readonly<Record<Choice["netlink"], readonly ((desk: UdevDesk) => Form)[]>> = {
  off: [],
  kernel: [kernelForm],
  udev: [udevForm, libudevZeroForm],
  both: [kernelForm, udevForm, libudevZeroForm],
};

/** The ways in: all, or none. @throws KernelError */
export function openWays(
  target: Pick<Target, "openInjector">,
  netlink: Choice["netlink"],
  desk: UdevDesk,
): readonly WayIn[] {
  const ways: WayIn[] = [];
  try {
    for (const make of FORMS[netlink]) {
      const form = make(desk);
      ways.push({ injector: target.openInjector(form.group), form });
    }
    return ways;
  } catch (error) {
    for (const { injector } of ways) injector.close();
    throw error;
  }
}

/** True if programs of libudev are told. */
export function saysUdev(netlink: string | undefined): boolean {
  return netlink === "udev" || netlink === "both";
}

/** True if its programs hear nothing but what is said in its own netns: they need no shadow. */
export function hearsNothing(target: Target | undefined): boolean {
  return target !== undefined && !target.sharesHostNetns && !target.ownedByInitialUserns;
}

export function hasTarget(options: AttachOptions): options is AttachOptions & TargetRef {
  return options.pid !== undefined || options.netns !== undefined;
}
