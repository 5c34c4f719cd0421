import type { Injector, Reader, Sender } from "@uevent-bridge/kernel";
import { expect, test, vi } from "vitest";

import { KnownDevice } from "../src/known-device.js";
import { DEFAULT_LIMITS } from "../src/limits.js";
import { Outbox } from "../src/outbox.js";
import { kernelForm } from "../src/outlets/form.js";
import { NetlinkOutlet } from "../src/outlets/netlink-outlet.js";
import { Share } from "../src/share.js";
import { useBusyClock } from "./busy-clock.js";

useBusyClock();

test.each([2, 3, 4].flatMap((held) => [4, 6, 11].map((count) => [held, count] as const)))(
  "a reader whose buffer holds %d events is told of %d devices until it has lost none, and then there is peace",
  (held, count) => {
    let [waiting, drops, said] = [0, 0, 0];
    const sender: Sender = {
      stage: () => {},
      push: () => {
        said++;
        if (waiting < held) waiting++;
        else drops++;
      },
      flush: () => [],
    };
    const readers = (): readonly Reader[] => [{ inode: 1, rmem: waiting * 1280, drops }];
    const devices = Array.from(
      { length: count },
      (_, n) => new KnownDevice(`/devices/d${n}`, "misc", "X=".padEnd(200, "x"), `${n}`),
    );
    const outlet = new NetlinkOutlet(
      { wanted: () => devices, agenda: new Set() },
      {
        outbox: new Outbox(sender),
        injector: { readers, close: () => {} } as unknown as Injector,
        share: new Share(),
        form: kernelForm(),
        limits: DEFAULT_LIMITS,
        coldplug: true,
        onGap: () => {},
        onTooLong: () => {},
        onGone: () => {},
      },
    );
    outlet.catchUp();
    const pass = (ms: number): void => {
      for (let n = 0; n < ms; n++) {
        vi.advanceTimersByTime(1);
        waiting = 0; // it reads
      }
    };
    pass(20_000);
    const before = said;
    pass(5000);
    expect(said).toBe(before);
    outlet.close();
  },
);
