import type { Injector, Sender } from "@uevent-bridge/kernel";
import { expect, test, vi } from "vitest";

import { KnownDevice } from "../src/known-device.js";
import { DEFAULT_LIMITS } from "../src/limits.js";
import { Outbox } from "../src/outbox.js";
import { Budget } from "../src/outlets/budget.js";
import { kernelForm } from "../src/outlets/form.js";
import { NetlinkOutlet } from "../src/outlets/netlink-outlet.js";
import type { Said } from "../src/outlets/preparation.js";
import { PreparedOutlet } from "../src/outlets/prepared-outlet.js";
import { Share } from "../src/share.js";
import { useBusyClock } from "./busy-clock.js";

const clock = useBusyClock();
const { work } = clock;

test.each([
  ["little is taken at once", [10, 10], 0],
  ["more has to be made up for, five times", [30, 30], 40],
  ["work within work is charged once", [60], 40],
  ["nobody waits for more than a second", [5000], 1000],
])("%s", (_, works, wait) => {
  const share = new Share();
  for (const ms of works) share.take(() => share.take(work(ms)));
  expect(share.wait).toBe(wait);
  vi.advanceTimersByTime(wait);
  expect(share.wait).toBe(0);
});

test("what is taken counts from within, and when it throws", () => {
  const share = new Share();
  const fail = (): never => {
    work(100)();
    expect(share.wait).toBe(200);
    throw new Error("on purpose");
  };
  expect(() => share.take(fail)).toThrow("on purpose");
  expect(share.wait).toBe(200);
});

const DEVICES = 100;

/** An outlet to a container with these readers, that has all of the devices to tell. */
function open(readers: Injector["readers"]) {
  const all = Array.from({ length: DEVICES }, (_, n) => n);
  const devices = all.map((n) => new KnownDevice(`/devices/d${n}`, "misc", "", `${n}`, undefined));
  const push = vi.fn<Sender["push"]>();
  const share = new Share();
  const sender: Sender = { stage: () => {}, push, flush: () => [] };
  const outlet = new NetlinkOutlet(
    { wanted: () => devices, agenda: new Set() },
    {
      outbox: new Outbox(sender),
      injector: { readers, close: () => {} } as unknown as Injector,
      share,
      form: kernelForm(),
      limits: { ...DEFAULT_LIMITS, readerMs: 1e9 },
      coldplug: true,
      onGap: () => {},
      onTooLong: () => {},
      onGone: () => {},
    },
  );
  return { outlet, push, share };
}

test("a container whose readers are dear to look at, new each time and never read, takes its share and no more", () => {
  let looks = 0;
  const { outlet } = open(() => {
    work(10)();
    if (++looks > 10_000) throw new Error("it never lets go");
    return [
      { inode: looks, rmem: 0, drops: 0 },
      { inode: 0, rmem: 1, drops: looks },
    ];
  });
  outlet.catchUp();
  expect(clock.busyMs).toBeLessThan(100);
  vi.advanceTimersByTime(10_000);
  expect(clock.busyMs).toBeGreaterThan(10_000 / 50);
  expect(clock.busyMs).toBeLessThan((10_000 + clock.busyMs) / 4);
  outlet.close();
});

test("a container whose readers are so dear to look at that each look takes its share is told all", () => {
  const { outlet, push, share } = open(() => {
    work(10)();
    return [{ inode: 1, rmem: 0, drops: 0 }];
  });
  share.take(work(500));
  outlet.catchUp();
  vi.advanceTimersByTime(10_000);
  expect(push).toHaveBeenCalledTimes(DEVICES);
  outlet.close();
});

test("what waits for a container that has had its share is told when it is its turn", () => {
  const share = new Share();
  const [first, second] = ["a", "b"].map((name) => new KnownDevice(`/devices/${name}`, "misc", "", name));
  const wanted = [first!];
  const told: (KnownDevice | undefined)[] = [];
  const outlet = new (class extends PreparedOutlet {
    protected tell({ concern }: Said): void {
      told.push(concern?.device);
    }
    flush(): void {}
  })(
    { wanted: () => wanted, agenda: new Set() },
    { share, limits: DEFAULT_LIMITS, budget: new Budget(1e6), prepare: () => undefined },
  );
  share.take(work(500));
  outlet.catchUp();
  wanted.push(second!);
  outlet.fallBehind();
  vi.advanceTimersByTime(share.wait - 1);
  expect(told).toEqual([first]);
  vi.advanceTimersByTime(2);
  expect(told).toEqual([first, second]);
  outlet.close();
});
