import { Program } from "../../real/inside/program.js";
import { System } from "../../real/inside/system.js";
import { waitFor } from "./wait.js";

const CLI = "/workspace/packages/uevent-bridge/dist/cli.js";
const PATIENCE_S = 60; // the machine is emulated

/** An unprivileged container, and a relay that tells the libudev of its programs of what these rules allow. */
export class Box {
  readonly system: System;

  private constructor(system: System) {
    this.system = system;
  }

  /** It has all nodes in the host's /dev/input: a program there that opens only its own was told of no others. */
  static async start(name: string, ...rules: readonly string[]): Promise<Box> {
    const system = await System.start([{ source: "/dev/input", destination: "/dev/input" }], PATIENCE_S);
    const allow = rules.flatMap((rule) => ["--allow", rule]);
    const args = ["attach", name, "--pid", `${system.pid}`, "--socket", "off", "--netlink", "udev", ...allow];
    const relay = new Program("node", [CLI, ...args]);
    relay.process.stderr?.pipe(process.stderr);
    await waitFor(`the relay of ${name} is there`, () => relay.stderr.includes("netlink udev"));
    return new Box(system);
  }
}
