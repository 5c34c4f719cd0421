import type { System } from "../../real/inside/system.js";
import type { Program } from "../../real/inside/program.js";
import type { Event, Heard } from "../report.js";
import { parseMonitor } from "./udevadm.js";
import { waitFor, waitUntilNothing } from "./wait.js";

/** Starts a program that listens to udevd, and waits until it does. */
export async function startListening(system: System, ...command: readonly string[]): Promise<Program> {
  return listening(system, () => system.start(...command));
}

async function listening(system: System, start: () => Program): Promise<Program> {
  const before = system.readers(2);
  const program = start();
  await waitFor(`somebody more listens: ${program.stderr}`, () => system.readers(2) > before);
  return program;
}

/** Two programs of libudev in a container. */
export class Programs {
  readonly #udevadm: Program;
  readonly #pyudev: Program;
  #from = { udevadm: 0, pyudev: 0 };

  private constructor(udevadm: Program, pyudev: Program) {
    this.#udevadm = udevadm;
    this.#pyudev = pyudev;
  }

  static async start(system: System): Promise<Programs> {
    const udevadm = await startListening(system, "udevadm", "monitor", "--udev", "--property");
    const script = new URL("pyudev-client.py", import.meta.url);
    return new Programs(udevadm, await listening(system, () => system.startPython(script)));
  }

  /** Since the last `turnPage`. */
  heard(): Heard {
    const { udevadm, pyudev } = this.#all();
    return { udevadm: udevadm.slice(this.#from.udevadm), pyudev: pyudev.slice(this.#from.pyudev) };
  }

  turnPage(): void {
    const { udevadm, pyudev } = this.#all();
    this.#from = { udevadm: udevadm.length, pyudev: pyudev.length };
  }

  /** Waits until both have heard this of all these devices. */
  async haveHeard(action: string, devpaths: readonly string[]): Promise<void> {
    await waitUntilNothing(() => {
      const heard = Object.entries(this.heard()) as [string, readonly Event[]][];
      return heard.map(([program, events]) => missing(program, action, devpaths, events)).join("");
    });
  }

  #all(): Heard {
    const pyudev = this.#pyudev.lines.map((line) => JSON.parse(line) as Event);
    return { udevadm: parseMonitor(this.#udevadm.lines), pyudev };
  }
}

function missing(program: string, action: string, devpaths: readonly string[], events: readonly Event[]): string {
  const heard = new Set(events.filter((event) => event.action === action).map(({ devpath }) => devpath));
  return devpaths
    .filter((devpath) => !heard.has(devpath))
    .map((devpath) => `${program}: ${action}@${devpath}\n`)
    .join("");
}
