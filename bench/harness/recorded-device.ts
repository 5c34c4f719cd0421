import type { Facts } from "@uevent-bridge/filter";
import type { KernelUevent } from "@uevent-bridge/uevent";

import { recordedAdds } from "./corpus.js";

/** A device as a recorded `add` says it, below those that were recorded too. */
class RecordedDevice implements Facts {
  readonly links: readonly string[] = [];
  readonly tags: readonly string[] = [];
  readonly devpath: string;
  readonly subsystem: string;
  readonly parent: Facts | undefined;
  readonly #properties: ReadonlyMap<string, string>;

  constructor(event: KernelUevent, parent: Facts | undefined) {
    this.devpath = event.devpath;
    this.subsystem = event.subsystem;
    this.parent = parent;
    this.#properties = new Map(pairsOf(event.state));
  }

  property(key: string): string | undefined {
    return this.#properties.get(key);
  }

  attribute(): undefined {
    return undefined;
  }
}

/** Recorded devices that have a node in /dev, as the registry would know them. */
export function recordedFacts(count: number): Facts[] {
  const known = new Map<string, Facts>();
  const events = recordedAdds().toSorted((a, b) => a.devpath.length - b.devpath.length); // parents first
  for (const event of events) known.set(event.devpath, new RecordedDevice(event, parentOf(event.devpath, known)));
  const withNode = [...known.values()].filter((device) => device.property("DEVNAME") !== undefined);
  const step = withNode.length / count; // of all kinds, not of the first one
  return Array.from({ length: count }, (_, i) => withNode[Math.floor(i * step)]).filter(
    (device) => device !== undefined,
  );
}

function parentOf(devpath: string, known: ReadonlyMap<string, Facts>): Facts | undefined {
  const up = devpath.slice(0, devpath.lastIndexOf("/"));
  return up === "" ? undefined : (known.get(up) ?? parentOf(up, known));
}

function pairsOf(state: string): [string, string][] {
  return state.split("\0").flatMap((pair) => {
    const eq = pair.indexOf("=");
    return eq > 0 ? [[pair.slice(0, eq), pair.slice(eq + 1)]] : [];
  });
}
