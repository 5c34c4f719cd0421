import type { Injector, Reader, Sender } from "@uevent-bridge/kernel";
import { expect, test, vi } from "vitest";

import { KnownDevice } from "../src/known-device.js";
import { DEFAULT_LIMITS } from "../src/limits.js";
import { Outbox } from "../src/outbox.js";
import { kernelForm } from "../src/outlets/form.js";
import { NetlinkOutlet } from "../src/outlets/netlink-outlet.js";
import { Window } from "../src/outlets/window.js";
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

test("after a loss readers are trusted with half as much, and with all again once they have kept up for long", () => {
  const window = new Window(100_000);
  const saidInOne = (): number => {
    let count = 0;
    for (window.waits(0); window.hasRoom; count++) window.charge(new Uint8Array(100));
    window.calm(); // they have read it
    return count;
  };
  const all = saidInOne();
  window.halve();
  const half = Math.ceil(all / 2);
  expect(Array.from({ length: 8 }, saidInOne)).toEqual(Array(8).fill(half));
  expect(saidInOne()).toBeGreaterThan(half);
  for (let times = 0; times < 1000; times++) saidInOne();
  expect(saidInOne()).toBe(all);
});
