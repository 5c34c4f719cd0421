import { setTimeout } from "node:timers/promises";

import type { Events, Plug, World, WorldOptions } from "@uevent-bridge/kernel/contract";
import { describeKernel } from "@uevent-bridge/kernel/contract";
import { listen } from "@uevent-bridge/listener";
import type { Listener } from "@uevent-bridge/listener";
import { openRelay } from "@uevent-bridge/relay";
import { describe, vi } from "vitest";

import { makeFakeWorld } from "../../../kernel/test/fake-world.js";
import { needs } from "../../../../test/needs.js";
import { nestedKernel } from "../../src/nested/kernel.js";
import { newPlace, withRealSockets } from "./outside.js";

describe("in a container", needs("unix-dgram"), () => {
  const own = ["source", "overrun", "devices"] as const;
  describeKernel("the kernel of a nested relay", makeNestedWorld, { only: own, without: ["forge"] }); // a socket does not say who sent
});

/** A fake kernel's world as a relay outside tells it, through real sockets. What happens has happened when the listener has heard it. */
async function makeNestedWorld({ receiveBuffer }: WorldOptions): Promise<World> {
  const place = newPlace();
  const world = await makeFakeWorld({});
  const outer = await openRelay({ kernel: withRealSockets(world.kernel), runtimeDir: place.runtimeDir });
  await outer.attach({ name: "box", allow: ["/devices/**"], deliver: { socket: place.box } });
  const listener = await listen({ dir: place.box });
  await new Promise<void>((resolve) => listener.once("resync", () => resolve()));
  const kernel = nestedKernel(world.kernel, listener, receiveBuffer === undefined ? {} : { receiveBuffer });
  return {
    ...world,
    kernel,
    events: heard(ability(world.events), listener),
    plug: told(ability(world.plug), listener),
    holds: {
      afterSource(steps) {
        const held = vi.spyOn(listener, "ref");
        const released = vi.spyOn(listener, "unref");
        const source = kernel.openSource({ group: "kernel", onBatch: () => {} });
        for (const step of steps) if (step !== "open") source[step]();
        return (held.mock.invocationCallOrder.at(-1) ?? 0) > (released.mock.invocationCallOrder.at(-1) ?? 0);
      },
      afterDirectory: () => false,
    },
    async settle() {
      await world.settle();
      await setTimeout(20);
    },
    async close() {
      kernel.devices.close();
      await outer.close();
      place[Symbol.dispose]();
    },
  };
}

function heard(events: Events, listener: Listener): Events {
  let last = -1;
  listener.on("event", ({ bytes }) => (last = events.numberOf(Buffer.from(bytes).toString("latin1")) ?? last));
  return {
    ...events,
    async say(first, count) {
      await events.say(first, count);
      await vi.waitUntil(() => last === first + count - 1, { timeout: 5000, interval: 1 });
    },
  };
}

function told(plug: Plug, listener: Listener): Plug {
  const until = (isThere: boolean) =>
    vi.waitUntil(() => listener.devices.has(plug.devpath) === isThere, { timeout: 5000, interval: 1 });
  return {
    devpath: plug.devpath,
    async plug() {
      await plug.plug();
      await until(true);
    },
    async unplug() {
      await plug.unplug();
      await until(false);
    },
  };
}

/** The fake world has them all. */
function ability<T extends object>(given: T | { readonly missing: string }): T {
  if ("missing" in given) throw new Error(given.missing);
  return given;
}
