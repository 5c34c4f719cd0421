import { KnownDevice } from "./known-device.js";
import type { ToldDevice } from "./state.js";

/** What programs know that a relay before told them, in terms of what is here. */
export interface Recalled {
  /** Each with the path under which it was told. */
  readonly told: ReadonlyMap<KnownDevice, string>;
  /** The same device, of which other properties were told. */
  readonly doubted: readonly KnownDevice[];
}

/** A program keeps in mind which device it has opened: one that stands for another is told anew. */
export function recall(told: Iterable<ToldDevice>, sameAs: (told: ToldDevice) => KnownDevice | undefined): Recalled {
  const known = new Map<KnownDevice, string>();
  const doubted: KnownDevice[] = [];
  for (const each of told) {
    const same = sameAs(each);
    const device = same?.subsystem === each.subsystem ? same : ghostOf(each, each.name);
    known.set(device, each.devpath);
    if (device === same && (each.doubted || same.state !== each.state)) doubted.push(same);
  }
  return { told: known, doubted };
}

type Was = Pick<ToldDevice, "devpath" | "subsystem" | "state" | "incarnation"> &
  Partial<Pick<KnownDevice, "netns" | "parent">>;

/** What is there no more. It goes as it was told: by the name that it had there. */
export function ghostOf(was: Was, name?: string, devpath = was.devpath): KnownDevice {
  const { subsystem, state, incarnation, netns } = was;
  const asTold = name === undefined ? state : state.replace(/(?<=^|\0)DEVNAME=[^\0]*/, () => `DEVNAME=${name}`);
  const ghost = new KnownDevice(devpath, subsystem, asTold, incarnation, netns);
  ghost.outerParent = was.parent;
  return ghost;
}
