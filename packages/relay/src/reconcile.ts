/** What an outlet doubts of a device that it was told: its properties, or that it is still the same one. */
export type Doubt = "state" | "existence";

/** Steps that are told between two looks at whether the receiver still takes them. */
export const CHUNK = 32;

export interface Step<D> {
  readonly action: "add" | "change" | "remove";
  readonly device: D;
  /** For `remove`: the path under which it was told. */
  readonly devpath: string;
}

/**
 * The one function that makes what was told true again: the difference between it and what is wanted, as a history
 * that could have happened. First what goes, children before parents, then what comes, parents before children,
 * then `change` for what is doubted in its properties only.
 *
 * @param told the devices that were told, each with its path at that time
 * @param wanted the devices that should be told, parents first
 * @param again those that somebody new has not been told: they are added once more
 */
export function reconcile<D extends { readonly devpath: string }>(
  told: ReadonlyMap<D, string>,
  wanted: Iterable<D>,
  doubts: ReadonlyMap<D, Doubt> = new Map(),
  again: ReadonlySet<D> = new Set(),
): Step<D>[] {
  const want = new Set(wanted);
  const removed = takenBack(told, want, doubts);
  const steps: Step<D>[] = [];
  for (const [device, devpath] of removed) steps.push({ action: "remove", device, devpath });
  for (const device of want) {
    const isToldAnew = !told.has(device) || removed.has(device) || again.has(device);
    if (isToldAnew) steps.push({ action: "add", device, devpath: device.devpath });
  }
  for (const device of doubts.keys()) {
    const stays = told.has(device) && !removed.has(device) && !again.has(device);
    if (stays) steps.push({ action: "change", device, devpath: device.devpath });
  }
  return steps;
}

/** What must be taken back, children first: what is not wanted, doubted or told under another path, and all told below that. */
function takenBack<D extends { readonly devpath: string }>(
  told: ReadonlyMap<D, string>,
  want: ReadonlySet<D>,
  doubts: ReadonlyMap<D, Doubt>,
): Map<D, string> {
  const goes = (device: D, devpath: string) =>
    !want.has(device) || doubts.get(device) === "existence" || device.devpath !== devpath;
  const paths = new Set<string>();
  for (const [device, devpath] of told) if (goes(device, devpath)) paths.add(devpath);
  if (paths.size === 0) return new Map();
  const all = [...told].filter(([, devpath]) => isAtOrBelow(devpath, paths));
  return new Map(all.sort(([, a], [, b]) => depth(b) - depth(a)));
}

function isAtOrBelow(devpath: string, paths: ReadonlySet<string>): boolean {
  for (let end = devpath.length; end > 0; end = devpath.lastIndexOf("/", end - 1)) {
    if (paths.has(devpath.slice(0, end))) return true;
  }
  return false;
}

function depth(devpath: string): number {
  let n = 0;
  for (let i = devpath.indexOf("/"); i >= 0; i = devpath.indexOf("/", i + 1)) n++;
  return n;
}
