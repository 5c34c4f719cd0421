import type { FakeContainer } from "@uevent-bridge/kernel/testing";

import { FakeIo } from "../fake-io.js";
import { LOOP0, smallMachine } from "../machine.js";

export const PART = `${LOOP0}/loop0p1`;
export const BLUE = "/run/netns/blue";

/** A container `box` that is attached with a `/dev` and rights of ours, and sees loop0; loop1 may not be seen. */
export class Scene implements Disposable {
  readonly io = new FakeIo({ kernel: smallMachine() });
  readonly box: FakeContainer;
  readonly #attached: Promise<number>;

  private constructor(args: readonly string[], ways: readonly string[]) {
    const { kernel } = this.io;
    const properties = { MAJOR: "259", MINOR: "0", DEVNAME: "loop0p1", DEVTYPE: "partition" };
    kernel.plug(PART, { subsystem: "block", properties });
    this.box = kernel.container({ path: BLUE });
    const by = ways.includes("--netns") ? [] : ["--pid", `${this.box.pid}`];
    this.#attached = this.io.run("attach", "box", ...ways, ...by, "--allow", "devname=loop0,mode=0600", ...args);
  }

  static open(...args: readonly string[]): Promise<Scene> {
    return Scene.with(["--dev", "auto", "--cgroup", "auto"], ...args);
  }

  static async with(ways: readonly string[], ...args: readonly string[]): Promise<Scene> {
    const scene = new Scene(args, ways);
    await scene.io.stderr.until("box: ");
    return scene;
  }

  async run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string; json: unknown[] }> {
    const other = this.io.beside(); // its directory is that of `io`
    const status = await other.run(...args);
    const json = args.includes("--json") ? other.stdout.json() : [];
    return { status, stdout: other.stdout.text, stderr: other.stderr.text, json };
  }

  async end(): Promise<void> {
    this.io.interrupt();
    await this.#attached;
  }

  [Symbol.dispose](): void {
    this.io[Symbol.dispose]();
  }
}
