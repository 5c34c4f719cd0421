import type { Injector, Shadow, Target } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import type { Form } from "./outlets/form.js";
import { kernelForm, libudevZeroForm, udevForm } from "./outlets/form.js";
import type { Deliver, DeliveryChoice } from "./types.js";
import type { UdevDesk } from "./udev/desk.js";

type Wish = NonNullable<Deliver["netlink"]>;

/** A uevent group of a container's netns, and how its readers want to be told. */
export interface WayIn {
  readonly injector: Injector;
  readonly form: Form;
}

/** What was decided about a container's own netlink, and the ways in. */
export interface NetlinkDecision {
  readonly ways: readonly WayIn[];
  readonly choice: DeliveryChoice;
}

const FORMS: Readonly<Record<Exclude<Wish, "off" | "auto">, readonly ((desk: UdevDesk) => Form)[]>> = {
  kernel: [kernelForm],
  udev: [udevForm, libudevZeroForm],
  both: [kernelForm, udevForm, libudevZeroForm],
};

/**
 * Decides how a container hears us by its own netlink. `auto` takes what is possible and says why; the others insist.
 * @throws KernelError if what was asked for cannot be had
 */
export function decideNetlink(wish: Deliver["netlink"], target: Target | undefined, desk: UdevDesk): NetlinkDecision {
  if (wish === undefined || wish === "off") return off("it was not asked for");
  if (!target) return off("the container has not started; join() decides");
  if (wish === "auto") return decideAuto(target, desk);
  return { ways: openAll(target, desk, wish), choice: on(wish, "it was asked for") };
}

/** The same for a shadow, in which nobody hears a kernel. `reader`: the root of those who listen, as host ids. */
export function decideShadow(
  wish: Deliver["netlink"],
  { shadow, reader }: { readonly shadow: Shadow; readonly reader: Target["root"] },
  desk: UdevDesk,
): NetlinkDecision {
  if (wish === undefined || wish === "off") return off("it was not asked for");
  const said = wish === "auto" ? "kernel" : wish;
  const ways = openAll({ openInjector: (group) => shadow.openInjector(group, reader) }, desk, said);
  const reason = wish === "auto" ? "it is what its programs would hear of the kernel" : "it was asked for";
  return {
    ways: ways.map(({ injector, form }) => ({ injector, form: { ...form, tellsNet: true } })),
    choice: on(said, reason),
  };
}

function decideAuto(target: Target, desk: UdevDesk): NetlinkDecision {
  const hears = "so its programs hear every event of the host already";
  if (target.sharesHostNetns) return off(`the container shares the host's network namespace, ${hears}`);
  if (target.ownedByInitialUserns)
    return off(`the initial user namespace owns the container's network namespace, ${hears}`);
  try {
    const reason = "the container's network namespace has a user namespace of its own";
    return { ways: openAll(target, desk, "kernel"), choice: on("kernel", reason) };
  } catch (error) {
    if (error instanceof KernelError) return off(error.message);
    throw error;
  }
}

/** All, or none. */
function openAll(target: Pick<Target, "openInjector">, desk: UdevDesk, wish: keyof typeof FORMS): readonly WayIn[] {
  const ways: WayIn[] = [];
  try {
    for (const make of FORMS[wish]) {
      const form = make(desk);
      ways.push({ injector: target.openInjector(form.group), form });
    }
    return ways;
  } catch (error) {
    for (const { injector } of ways) injector.close();
    throw error;
  }
}

function on(choice: string, reason: string): DeliveryChoice {
  return { channel: "netlink", choice, reason };
}

function off(reason: string): NetlinkDecision {
  return { ways: [], choice: { channel: "netlink", choice: "off", reason } };
}
