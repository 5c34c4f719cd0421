import { mkdirSync, mkdtempSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import type { Container, Relay } from "uevent-bridge";

import type { Program } from "../../real/inside/program.js";
import { UID_BASE } from "../../real/container.js";
import { Runc, withoutUserNamespace } from "../../real/inside/runc.js";
import type { OciConfig } from "../../real/inside/runc.js";
import type { BoxReport, Shown, Tried } from "../report.js";
import { PROBE } from "./probe.js";
import { waitSoon } from "./wait.js";

const PATIENCE_S = 300; // the machine is emulated
const CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_MKNOD"];
const NOTHING = [{ allow: false, access: "rwm" }]; // what it may open beside what every container may
const SHOW = "lsblk -nro NAME; echo --; lsusb; echo --; udevadm info --attribute-walk /sys/class/block/sda";
const LINKS = ["disk", "input", "serial"]; // directories of links below /dev

interface TouchBoxOptions {
  readonly name: string;
  readonly rules: readonly string[];
  readonly hasUsers: boolean;
  /** It is attached when it runs already, and told by netlink. */
  readonly runs: boolean;
  readonly sysfs: "auto" | "off";
}

/** A container that crun makes, with a `/dev` and rights of the relay's, and two programs in it that touch what they can. */
export class TouchBox {
  readonly container: Container;
  readonly #crun: Runc;
  readonly #watcher: Program;
  readonly #prober: Program;
  readonly #tried: Tried[] = []; // of as many lines as were read
  #asked = 0;

  private constructor(container: Container, crun: Runc, watcher: Program, prober: Program) {
    this.container = container;
    this.#crun = crun;
    this.#watcher = watcher;
    this.#prober = prober;
  }

  static async start(relay: Relay, options: TouchBoxOptions): Promise<TouchBox> {
    const { container, crun } = await (options.runs ? attachRunning : attachBefore)(relay, options);
    const script = (name: string): URL => new URL(name, import.meta.url);
    const watcher = crun.execPython(script("watcher.py"), options.runs ? "netlink" : "/run/uevent/watch.sock");
    const prober = crun.execPython(script("prober.py"));
    await waitSoon(
      () => `programs run in ${options.name}: ${watcher.stderr}${prober.stderr}`,
      () => watcher.lines.length > 0 && prober.lines.length > 0,
    );
    return new TouchBox(container, crun, watcher, prober);
  }

  /** What the program tried that hears of devices, from its first line on. */
  get tried(): readonly Tried[] {
    for (const line of this.#watcher.lines.slice(this.#tried.length)) this.#tried.push(JSON.parse(line) as Tried);
    return this.#tried;
  }

  /** What it says where it fails. */
  get stderr(): string {
    return this.#watcher.stderr + this.#prober.stderr;
  }

  /** Waits until the program that opens whatever it can has tried all that there is from now on. */
  async probe(): Promise<void> {
    const answers = ++this.#asked;
    this.#prober.process.stdin?.write("\n");
    await waitSoon(
      () => `all is tried: ${this.stderr}`,
      () => this.#prober.lines.length > answers, // the first line says that it runs
    );
  }

  /** Its /dev, from outside. */
  get dev(): string {
    return `/proc/${this.#crun.pid}/root/dev`;
  }

  /** What programs in it show that look into /sys. */
  shown(): Shown {
    const [lsblk = "", lsusb = "", walk = ""] = this.#crun.exec(SHOW).split("--\n");
    const all = (text: string, pattern: RegExp): readonly string[] =>
      [...text.matchAll(pattern)].map(([, each = ""]) => each);
    return {
      lsblk: all(lsblk, /^(\S+)$/gm),
      lsusb: all(lsusb, / ID (\S+)/g),
      walk: all(walk, /looking at .*device '.*\/(.*)':/g),
    };
  }

  /** Its programs have ended then; it ends with the machine: crun fails to delete what `crun run` is deleting too. */
  async end(): Promise<BoxReport> {
    await this.#prober.end();
    return { tried: this.tried, had: JSON.parse(this.#prober.lines.at(-1) ?? "") as Record<string, number> };
  }
}

/** `name -> node` of the links to devices in a /dev, both as below it. */
export function linksIn(dev: string): readonly string[] {
  const links = LINKS.flatMap((name) => entries(dev, name)).filter((entry) => entry.isSymbolicLink());
  const nodeOf = (directory: string, name: string): string => join(directory, targetOf(join(directory, name)));
  const below = (path: string): string => path.slice(dev.length + 1);
  return links
    .map(({ parentPath, name }) => `${below(join(parentPath, name))} -> ${below(nodeOf(parentPath, name))}`)
    .sort();
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ""; // it has just gone
  }
}

function entries(dev: string, name: string) {
  try {
    return readdirSync(join(dev, name), { withFileTypes: true, recursive: true });
  } catch {
    return []; // there is none, or it has just gone
  }
}

async function attachBefore(relay: Relay, options: TouchBoxOptions) {
  const id = options.hasUsers ? UID_BASE : 0;
  const socket = { dir: `/run/uevent-of-${options.name}`, uid: id, gid: id };
  const container = await relay.attach({ ...viewOf(options), deliver: { socket } });
  const crun = await start(options, container.mounts);
  await container.join({ pid: crun.pid });
  return { container, crun };
}

async function attachRunning(relay: Relay, options: TouchBoxOptions) {
  const crun = await start(options, []);
  const container = await relay.attach({ ...viewOf(options), pid: crun.pid, deliver: { netlink: "kernel" } });
  return { container, crun };
}

function viewOf({ name, rules, sysfs }: TouchBoxOptions) {
  return { name, allow: rules, dev: "auto", sysfs, cgroup: "auto" };
}

function start({ name, hasUsers }: TouchBoxOptions, mounts: readonly object[]): Promise<Runc> {
  mkdirSync("/run/boxes", { recursive: true });
  const probe = { destination: PROBE, type: "bind", source: PROBE, options: ["bind", "ro"] };
  const change = (config: OciConfig): OciConfig => restrict(hasUsers ? config : withoutUserNamespace(config));
  return Runc.start(mkdtempSync(`/run/boxes/${name}-`), [probe, ...mounts], change, "crun", PATIENCE_S);
}

/** A `/dev` of ours takes the place of its own. */
function restrict(config: OciConfig): OciConfig {
  const mounts = config.mounts as readonly { readonly destination: string; readonly type: string }[];
  const hasDev = mounts.some(({ destination, type }) => destination === "/dev" && type === "bind");
  const sets = { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES };
  return {
    ...config,
    process: { ...config.process, capabilities: sets },
    mounts: mounts.filter(({ destination, type }) => !hasDev || destination !== "/dev" || type === "bind"),
    linux: { ...config.linux, resources: { devices: NOTHING } } as OciConfig["linux"],
  };
}
