import { join } from "node:path";

import type { FakeKernel } from "@uevent-bridge/kernel/testing";
import { listenRaw } from "@uevent-bridge/listener";
import type { Container, Relay } from "@uevent-bridge/relay";
import { openRelay as openOuter } from "@uevent-bridge/relay";
import { vi } from "vitest";

import { headers } from "../../../relay/test/scene.js";
import { openRelay } from "../../src/index.js";
import { newPlace, withRealSockets } from "./outside.js";

export interface Nest extends AsyncDisposable {
  /** The directory in which the relay in the container listens. */
  readonly box: string;
  /** The relay in the container. */
  readonly relay: Relay;
  /** The container in it. */
  readonly inner: Container;
  /** What a program in that one has heard, as `ACTION@DEVPATH`. */
  readonly heard: () => readonly string[];
  readonly datagrams: readonly Uint8Array[];
  /** Starts the relay outside; `allow` is what the container that the other relay runs in may see. */
  readonly start: (...allow: readonly string[]) => Promise<Container>;
  /** Ends the relay outside. */
  readonly stop: () => Promise<void>;
  /** Waits until the program has heard so many more than now. */
  readonly hears: (count: number) => Promise<readonly string[]>;
}

export interface NestOptions {
  readonly kernel: FakeKernel;
  /** What the container in the container may see. */
  readonly allow: readonly string[];
  /** What the first relay outside lets in; absent: there is none yet. */
  readonly outer?: readonly string[];
  /** The kernel as the container sees it, if its `/sys` shows something else. */
  readonly inside?: FakeKernel;
}

/** A relay on a fake kernel, another that lives on what the first one tells, and a program in a container of the second. Sockets are real. */
export async function openNest({ kernel, allow, outer, inside = kernel }: NestOptions): Promise<Nest> {
  const place = newPlace();
  const dir = join(place.runtimeDir, "inner");
  let outside: Relay | undefined;
  const start = async (...allowed: readonly string[]): Promise<Container> => {
    outside = await openOuter({ kernel: withRealSockets(kernel), runtimeDir: place.runtimeDir });
    return outside.attach({ name: "box", allow: allowed, deliver: { socket: place.box } });
  };
  if (outer) await start(...outer);
  const relay = await openRelay({ kernel: withRealSockets(inside), from: place.box });
  const inner = await relay.attach({ name: "inner", allow, deliver: { socket: dir } });
  const program = await listenRaw({ dir });
  const datagrams: Uint8Array[] = [];
  program.on("datagram", (bytes) => datagrams.push(bytes));
  return {
    box: place.box,
    relay,
    inner,
    datagrams,
    heard: () => headers(datagrams),
    start,
    stop: async () => outside?.close(),
    hears: async (count) => {
      const from = datagrams.length;
      await vi.waitUntil(() => datagrams.length >= from + count, { timeout: 5000, interval: 1 });
      return headers(datagrams).slice(from);
    },
    [Symbol.asyncDispose]: async () => {
      await program.close();
      await relay.close();
      await outside?.close();
      place[Symbol.dispose]();
    },
  };
}
