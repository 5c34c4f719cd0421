import { KernelError } from "@uevent-bridge/kernel";
import type { Shadow } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { expect, test, vi } from "vitest";

import type { DeliveryOptions } from "../src/delivery-options.js";
import type { Host } from "../src/host.js";
import { DEFAULT_LIMITS } from "../src/limits.js";
import { Outbox } from "../src/outbox.js";
import type { Outlet } from "../src/outlet.js";
import { OwnNetlink } from "../src/own-netlink.js";
import { OwnJournal } from "../src/own-journal.js";
import { Share } from "../src/share.js";

/** Of a container; `open` are the outlets of it that there are. */
function begin(more: Partial<DeliveryOptions>) {
  const kernel = new FakeKernel();
  const target = kernel.openTarget({ pid: kernel.container().pid });
  const open = new Set<Outlet>();
  const host = { limits: DEFAULT_LIMITS, outbox: new Outbox(kernel.openSender()) } as Host; // no more is asked for until something is told
  const options = { name: "box", coldplug: true, subscriber: {}, ...more } as DeliveryOptions;
  const unwritten = { name: "box", ledger: undefined, subscriber: options.subscriber, nameOf: undefined };
  const journal = new OwnJournal(host, { ...unwritten, onWarning: () => {} });
  const netlink = new OwnNetlink(
    host,
    options,
    { wanted: () => [], agenda: new Set() },
    {
      share: new Share(),
      journal,
      onGap: () => {},
      onGone: () => {},
      onWarning: () => {},
      onTooLong: () => {},
      onOutlet: (outlet) => void open.add(outlet),
      onClosed: (outlet) => void open.delete(outlet),
    },
  );
  return { netlink, target, open };
}

test("who leaves is spoken to no longer: the next join opens one way and not two", () => {
  const { netlink, target, open } = begin({ deliver: { netlink: "kernel" } });
  netlink.open(target);
  expect(open.size).toBe(1);
  netlink.leave();
  expect(open.size).toBe(0);
  netlink.open(target);
  expect(open.size).toBe(1);
  netlink.close();
});

test("whoever could not be spoken to by a shadow is not taken for one who is", () => {
  const openInjector = vi.fn<Shadow["openInjector"]>().mockImplementationOnce(() => {
    throw new KernelError("SYSTEM_REFUSED", "too many open files", "none");
  });
  const shadow = { root: { uid: 100_000, gid: 100_000 }, openInjector } as Partial<Shadow> as Shadow;
  const { netlink, target, open } = begin({ deliver: { netlink: "kernel" }, shadow });
  openInjector.mockReturnValue(target.openInjector("kernel"));
  expect(() => netlink.open(target)).toThrow("too many open files");
  for (let i = 0; i < 2; i++) netlink.open(target);
  expect(openInjector).toHaveBeenCalledTimes(2);
  expect(open.size).toBe(1);
  netlink.close();
});

test("for a container that ends while it is looked at nothing is put anywhere", async () => {
  const openUdevDirectory = vi.fn<DeliveryOptions["openUdevDirectory"]>();
  const { netlink, target } = begin({ deliver: { netlink: "auto" }, openUdevDirectory });
  const prepared = netlink.prepare(target);
  netlink.close();
  await prepared;
  expect(openUdevDirectory).not.toHaveBeenCalled();
});
