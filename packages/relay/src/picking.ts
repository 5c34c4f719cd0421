import type { Selector } from "@uevent-bridge/filter";

import type { KnownDevice } from "./known-device.js";
import type { Subscriber, Unknown } from "./selection.js";

/** Asks one selector about a device that all others have been asked about. */
export function askOne(selector: Selector<Subscriber>, device: KnownDevice, unknown: Unknown[]): void {
  const known = device.picks.includes(selector);
  const decided = unknown.length;
  const picks = selector.picks(device, (where, attribute) => unknown.push({ device: where as KnownDevice, attribute }));
  if (picks === known || (!picks && unknown.length > decided)) return; // the answer stays what it was
  device.picks = picks ? [...device.picks, selector] : device.picks.filter((each) => each !== selector);
}
