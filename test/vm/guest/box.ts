import type { AttachOptions, Container, Relay } from "uevent-bridge";

import { System } from "../../real/inside/system.js";

const PATIENCE_S = 300; // the machine is emulated

/** An unprivileged container, and a relay that tells the libudev of its programs of what these rules allow. */
export class Box implements AsyncDisposable {
  readonly system: System;
  readonly #container: Container;

  private constructor(system: System, container: Container) {
    this.system = system;
    this.#container = container;
  }

  /** It has all nodes of the host's in some directories: a program there that opens only its own was told of no others. */
  static async start(relay: Relay, wish: Pick<AttachOptions, "name" | "allow" | "sysfs">): Promise<Box> {
    const nodes = ["/dev/input", "/dev/bus/usb"].map((path) => ({ source: path, destination: path }));
    const system = await System.start(nodes, PATIENCE_S);
    const container = await relay.attach({ ...wish, pid: system.pid, deliver: { netlink: "udev" } });
    return new Box(system, container);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container.detach();
    await this.system.end();
  }
}
