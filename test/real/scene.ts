import { openLinux } from "@uevent-bridge/linux";
import type { AttachOptions, Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";

import { System } from "./inside/system.js";
import type { Loops } from "./loops.js";
import { withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

/** A relay, a container with a small system, a device that it may see and one that it may not. */
export class Scene implements AsyncDisposable {
  readonly system: System;
  readonly relay: Relay;
  readonly mine: string;
  readonly hidden: string;
  readonly #loops: Loops;
  readonly #directory: Disposable;

  private constructor(system: System, relay: Relay, loops: Loops, directory: Disposable) {
    const [mine = "", hidden = ""] = loops.devices;
    this.system = system;
    this.relay = relay;
    this.mine = mine;
    this.hidden = hidden;
    this.#loops = loops;
    this.#directory = directory;
  }

  static async start(): Promise<Scene> {
    const directory = temporaryDirectory();
    const loops = withLoops(2); // before the relay, which finds them in /sys: no event of their creation comes later
    const system = await System.start();
    const relay = await openRelay({ kernel: openLinux(), runtimeDir: directory.path });
    return new Scene(system, relay, loops, directory);
  }

  /** Attaches the container by its netlink. */
  attach(options: Partial<AttachOptions> = {}): Promise<Container> {
    const { pid } = this.system;
    const wish = { name: "box", allow: [this.mine], deliver: { netlink: "kernel" }, ...options } as const;
    return this.relay.attach({ ...wish, pid } as AttachOptions);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.relay.close();
    await this.system.end();
    this.#loops[Symbol.dispose]();
    this.#directory[Symbol.dispose]();
  }
}
