import type { Injector, Target } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import type { Deliver, DeliveryChoice } from "./types.js";

/** What was decided about a container's own netlink, and the way in if there is one. */
export interface NetlinkDecision {
  readonly injector?: Injector;
  readonly choice: DeliveryChoice;
}

/**
 * Decides how a container hears us by its own netlink. `auto` takes what is possible and says why; `kernel` insists.
 * @throws KernelError if `kernel` was asked for and cannot be had
 */
export function decideNetlink(wish: Deliver["netlink"], target: Target | undefined): NetlinkDecision {
  if (wish === undefined || wish === "off") return off("it was not asked for");
  if (!target) return off("the container has not started; join() decides");
  if (wish === "kernel") return { injector: target.openInjector("kernel"), choice: on("it was asked for") };
  return decideAuto(target);
}

function decideAuto(target: Target): NetlinkDecision {
  const hears = "so its programs hear every event of the host already";
  if (target.sharesHostNetns) return off(`the container shares the host's network namespace, ${hears}`);
  if (target.ownedByInitialUserns)
    return off(`the initial user namespace owns the container's network namespace, ${hears}`);
  try {
    return {
      injector: target.openInjector("kernel"),
      choice: on("the container's network namespace has a user namespace of its own"),
    };
  } catch (error) {
    if (error instanceof KernelError) return off(error.message);
    throw error;
  }
}

function on(reason: string): DeliveryChoice {
  return { channel: "netlink", choice: "kernel", reason };
}

function off(reason: string): NetlinkDecision {
  return { choice: { channel: "netlink", choice: "off", reason } };
}
