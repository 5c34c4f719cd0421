import type { FakeListener } from "@uevent-bridge/kernel/testing";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { AttachOptions, Container, Limits, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";

export const LOOP0 = "/devices/virtual/block/loop0";
export const LOOP1 = "/devices/virtual/block/loop1";

export function disk(minor: number, name = `loop${minor}`) {
  const properties = { MAJOR: "7", MINOR: `${minor}`, DEVNAME: name, DEVTYPE: "disk" };
  return { subsystem: "block", properties } as const;
}

export interface Scene extends AsyncDisposable {
  readonly kernel: FakeKernel;
  readonly relay: Relay;
  attach(options?: Partial<AttachOptions>): Promise<Container>;
  /** Binds a listener in a container's directory. */
  listen(name?: string, options?: { readonly queue?: number; readonly box?: string }): FakeListener;
  /** All that the kernel has said has been told. */
  rest(): Promise<void>;
}

/** A relay on a fake machine with the disks loop0 and loop1. */
export async function openScene(
  options: { readonly limits?: Partial<Limits>; readonly udev?: boolean } = {},
): Promise<Scene> {
  const kernel = new FakeKernel({ udev: options.udev ?? false });
  kernel.plug(LOOP0, disk(0));
  kernel.plug(LOOP1, disk(1));
  const relay = await openRelay({ kernel, runtimeDir: "/run/bridge", limits: options.limits ?? {} });
  return {
    kernel,
    relay,
    attach: (more = {}) => relay.attach({ name: "box", deliver: { socket: true }, ...more } as AttachOptions),
    listen: (name = "a.sock", { queue = 100, box = "box" } = {}) =>
      kernel.directory(`/run/bridge/${box}`).bind(name, { queue }),
    rest: async () => {
      await kernel.idle();
      await relay.settle();
      await kernel.idle();
    },
    [Symbol.asyncDispose]: () => relay.close(),
  };
}

/** `ACTION@DEVPATH` of each datagram. */
export function headers(datagrams: readonly Uint8Array[]): string[] {
  return datagrams.map((bytes) => latin1(bytes).split("\0", 1)[0] ?? "");
}

export function seqnums(datagrams: readonly Uint8Array[]): number[] {
  return datagrams.map((bytes) => Number(/\0SEQNUM=(\d+)\0$/.exec(latin1(bytes))?.[1]));
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
