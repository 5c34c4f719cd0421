import { expect, test } from "vitest";

import { made } from "../src/datagram.js";
import { KnownDevice } from "../src/known-device.js";
import { DEFAULT_LIMITS } from "../src/limits.js";
import { Budget } from "../src/outlets/budget.js";
import type { Said } from "../src/outlets/preparation.js";
import { PreparedOutlet } from "../src/outlets/prepared-outlet.js";
import { Share } from "../src/share.js";

class Telling extends PreparedOutlet {
  readonly heard: Said[] = [];

  protected tell(said: Said): void {
    this.heard.push(said);
  }

  flush(): void {}
}

test.each([true, false])("what was prepared is told, unless it is closed meanwhile: closed %s", async (isClosed) => {
  const device = new KnownDevice("/devices/a", "misc", "", "1");
  let ready = (): void => {};
  const prepared = new Promise<void>((resolve) => (ready = resolve));
  const outlet = new Telling(
    { wanted: () => [], agenda: new Set() },
    { limits: DEFAULT_LIMITS, share: new Share(), budget: new Budget(10_000), prepare: () => prepared },
  );
  outlet.skipColdplug();
  outlet.added(device, made(device.say("add", device.devpath)));
  expect(outlet.heard).toEqual([]);
  if (isClosed) outlet.close();
  ready();
  await outlet.settled();
  await prepared;
  expect(outlet.heard).toHaveLength(isClosed ? 0 : 1);
});
