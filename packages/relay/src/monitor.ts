import type { Batch, Kernel } from "@uevent-bridge/kernel";
import type { Uevent } from "@uevent-bridge/uevent";
import { isMalformed, toUevent } from "@uevent-bridge/uevent";

import type { Core } from "./core.js";
import { attempt } from "./errors.js";
import { HOST_NETNS } from "./feed.js";
import type { Tap } from "./loop.js";
import { RuleSet } from "./policy.js";
import type { Subscriber } from "./selection.js";
import { MessageStream } from "./stream.js";
import type { Message, RuleLike, StreamOptions } from "./types.js";
import { udevEvents } from "./udev-events.js";

export interface MonitorOptions extends StreamOptions {
  readonly source?: "kernel" | "udev";
  /** Only events of devices that one of these covers. */
  readonly rules?: readonly RuleLike[];
}

/** What the host's kernel says, or what its udevd made of it. */
export function monitor(kernel: Kernel, core: Core, options: MonitorOptions): AsyncIterable<Message> {
  const rules = attempt(() => RuleSet.of({ allow: options.rules ?? [] }));
  const watch = () => ((options.rules?.length ?? 0) > 0 ? new Watched(core, rules) : undefined);
  const stream = options.source === "udev" ? ofUdev(kernel, core, watch, options) : ofKernel(core, watch, options);
  core.monitors.add(stream);
  return stream;
}

type Watch = () => Watched | undefined;

function ofKernel(core: Core, watch: Watch, options: MonitorOptions): MessageStream {
  const watched = watch();
  const stream: MessageStream = new MessageStream(options, () => {
    core.monitors.delete(stream);
    core.taps.delete(tap);
    watched?.close();
  });
  const tap: Tap = {
    event: (datagram, transition) => {
      const device = "device" in transition ? transition.device : undefined;
      if (watched && !(device && core.selection.sees(watched, device))) return;
      const event = toUevent(datagram);
      if (!isMalformed(event)) stream.push(event);
    },
    gap: (gap) => stream.push(gap),
  };
  core.taps.add(tap);
  return stream;
}

function ofUdev(kernel: Kernel, core: Core, watch: Watch, options: MonitorOptions): MessageStream {
  const source = attempt(() => kernel.openSource({ group: "udev", onBatch: (batch) => hear(batch) }));
  const watched = watch();
  const stream: MessageStream = new MessageStream(options, () => {
    core.monitors.delete(stream);
    source.close();
    watched?.close();
  });
  const hear = (batch: Batch) => {
    if (batch.overrun) stream.push({ kind: "gap", lost: "unknown", where: "kernel" });
    for (const event of udevEvents(batch)) if (!watched || watched.covers(event)) stream.push(event);
  };
  source.resume();
  source.unref(); // the host's source holds the process
  return stream;
}

/** Rules of a monitor, asked as a container's are. */
class Watched implements Subscriber {
  readonly netns = HOST_NETNS;
  readonly outlets = [];
  readonly #core: Core;
  readonly #rules: RuleSet;
  readonly #covered = new Set<string>();

  constructor(core: Core, rules: RuleSet) {
    this.#core = core;
    this.#rules = rules;
    const devices = [...core.allDevices()];
    const unknown = core.selection.replace(RuleSet.empty, rules, this, devices);
    void core.learn(unknown);
    for (const device of devices) if (core.selection.sees(this, device)) this.#covered.add(device.devpath);
  }

  /** A device that went is known no more when udevd says so: then what it was before counts. */
  covers({ devpath }: Uevent): boolean {
    const device = this.#core.feeds.host.registry.tree.get(devpath);
    if (!device) return this.#covered.delete(devpath);
    const covered = this.#core.selection.sees(this, device);
    if (covered) this.#covered.add(devpath);
    return covered;
  }

  fallBehind(): void {
    // a monitor is told of no devices, only of events
  }

  close(): void {
    this.#core.selection.replace(this.#rules, RuleSet.empty, this, [...this.#core.allDevices()]);
  }
}
