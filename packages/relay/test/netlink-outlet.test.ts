import type { Injector, Sender } from "@uevent-bridge/kernel";
import { expect, test, vi } from "vitest";

import { made } from "../src/datagram.js";
import { KnownDevice } from "../src/known-device.js";
import { DEFAULT_LIMITS } from "../src/limits.js";
import { Outbox } from "../src/outbox.js";
import type { Form } from "../src/outlets/form.js";
import { kernelForm } from "../src/outlets/form.js";
import { NetlinkOutlet } from "../src/outlets/netlink-outlet.js";
import { Share } from "../src/share.js";
import { useBusyClock } from "./busy-clock.js";

useBusyClock();

const PATHS = ["/devices/a", "/devices/b", "/devices/c", "/devices/d"];
const FULL = 1_000_000; // bytes that wait for a reader that is to be waited for

interface Wish {
  readonly form?: Form;
  readonly coldplug?: boolean;
  readonly waitingBytes?: number;
  readonly reads?: boolean;
}

/** An outlet to a container with a reader or none, which may be told of four devices, and what it has said. */
function begin({ form = kernelForm(), coldplug = true, waitingBytes = 10_000, reads = false }: Wish) {
  const readers = reads ? [{ inode: 1, rmem: 0, drops: 0 }] : [];
  const devices = PATHS.map((devpath) => new KnownDevice(devpath, "misc", "A=1\0", devpath));
  const said: string[] = [];
  const sender: Sender = {
    stage: (bytes, start, end) =>
      said.push(Buffer.from(bytes.slice(start, end)).toString("latin1").split("\0", 1)[0] ?? ""),
    push: () => {},
    flush: () => [],
  };
  const outlet = new NetlinkOutlet(
    { wanted: () => devices, agenda: new Set() },
    {
      outbox: new Outbox(sender),
      injector: { readers: () => readers, close: () => {} } as unknown as Injector,
      share: new Share(),
      form,
      limits: { ...DEFAULT_LIMITS, waitingBytes, readerMs: 1e9 },
      coldplug,
      onGap: () => {},
      onTooLong: () => {},
      onGone: () => {},
    },
  );
  const remove = (): void => {
    for (const device of devices.splice(0)) outlet.removed(device, made(device.say("remove")));
  };
  return { outlet, readers, said, remove };
}

const all = (action: string): string[] => PATHS.map((devpath) => `${action}@${devpath}`);

test("what comes and goes while there is no room for either is not said at all", () => {
  const { outlet, readers, said, remove } = begin({ waitingBytes: 300, reads: true });
  readers[0]!.rmem = FULL;
  vi.advanceTimersByTime(300); // that is seen
  outlet.catchUp();
  remove();
  readers[0]!.rmem = 0;
  vi.advanceTimersByTime(1000);
  expect(said).toEqual([...all("add").slice(1), ...all("remove").slice(1)]); // for these there was room
  outlet.close();
});

test("what goes before it could be said again to somebody new is said to have gone to those who know it", () => {
  const { outlet, readers, said, remove } = begin({ waitingBytes: 300, reads: true });
  outlet.catchUp();
  vi.advanceTimersByTime(100);
  expect(said.splice(0)).toEqual(all("add"));
  readers[0]!.rmem = FULL;
  readers.push({ inode: 2, rmem: 0, drops: 0 });
  vi.advanceTimersByTime(300);
  remove();
  readers[0]!.rmem = 0;
  vi.advanceTimersByTime(1000);
  expect(said.filter((each) => each.startsWith("remove")).toSorted()).toEqual(all("remove"));
  outlet.close();
});

const asked = vi.fn<NonNullable<Form["prepare"]>>();

test.each<[string, Wish, isSaid: boolean]>([
  ["the kernel's words are said", { form: kernelForm() }, true],
  ["what takes long to find out is not asked for", { form: { ...kernelForm(), prepare: asked } }, false],
  [
    "it is where nobody who comes late is told of it",
    { form: { ...kernelForm(), prepare: asked }, coldplug: false },
    true,
  ],
])("where nobody reads: %s", (_, wish, isSaid) => {
  asked.mockReset();
  const { outlet, said } = begin(wish);
  outlet.catchUp();
  vi.advanceTimersByTime(1);
  expect(said).toEqual(isSaid ? all("add") : []);
  if (!isSaid) expect(asked).not.toHaveBeenCalled();
  outlet.close();
});

test("what had to be found out is said as soon as it is", async () => {
  let found = (): void => {};
  const prepare = () => new Promise<void>((resolve) => (found = resolve));
  const { outlet, said } = begin({ form: { ...kernelForm(), prepare }, reads: true });
  outlet.catchUp();
  await vi.advanceTimersByTimeAsync(100);
  expect(said).toEqual([]);
  found();
  await vi.advanceTimersByTimeAsync(2);
  expect(said).toHaveLength(1);
  outlet.close();
});
