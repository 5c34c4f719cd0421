import type { Container, Relay } from "uevent-bridge";

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

  /** It has all nodes in the host's /dev/input: a program there that opens only its own was told of no others. */
  static async start(relay: Relay, name: string, ...rules: readonly string[]): Promise<Box> {
    const system = await System.start([{ source: "/dev/input", destination: "/dev/input" }], PATIENCE_S);
    const container = await relay.attach({ name, pid: system.pid, allow: rules, deliver: { netlink: "udev" } });
    return new Box(system, container);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container.detach();
    await this.system.end();
  }
}
