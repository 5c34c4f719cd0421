import { randomUUID } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { agentPath } from "@uevent-bridge/agent";
import { openLinux } from "@uevent-bridge/linux";
import { addLoop, removeLoop } from "@uevent-bridge/linux/testing";
import { openRelay } from "@uevent-bridge/relay";
import type { Relay } from "@uevent-bridge/relay";

import { UID_BASE } from "../container.js";
import { System } from "../inside/system.js";
import { ip } from "../ip.js";
import { until } from "../listener.js";
import { change, devpathOf } from "../loops.js";
import { Stack } from "../stack.js";
import { temporaryDirectory } from "../temporary.js";
import { OwnCgroup } from "../view/own-cgroup.js";
import { DISKS, boxOf, makeNode, openable, otherOf } from "./container-options.js";
import type { Disk } from "./container-options.js";
import { Ears, isAboutJournal } from "./ears.js";
import { differences, leakedBy, tracesOf } from "./traces.js";
import { TracedRelay, settingsIn } from "./traced-relay.js";
import type { Settings, Trace } from "./traced-relay.js";

const LOWEST = 700_000; // numbers of loop devices that no other test takes
const STALL_MS = 40;
const STALLED = 200; // events meanwhile
const PATIENCE_S = 5;

/** The other end of the container's own network device. */
const PEER = "peer0";

/** What became of a relay. */
export interface Outcome {
  readonly errors: TracedRelay["errors"];
  readonly warnings: TracedRelay["warnings"];
  /** Sentences, one for each thing that must not be. */
  readonly faults: readonly string[];
}

/** A container, what it hears, devices, and relays that serve it one after the other. */
export class InjectedStage implements AsyncDisposable {
  readonly place: string;
  readonly system: System;
  readonly #stack: Stack;
  readonly #cgroup: OwnCgroup;
  readonly #numbers: Readonly<Record<Disk, number>>;
  readonly #settings: Settings;
  readonly #mark = randomUUID();
  #link = ""; // of the container's own
  #ears: Ears;

  private constructor(stack: Stack, place: string, system: System, cgroup: OwnCgroup) {
    this.#stack = stack;
    this.place = place;
    this.system = system;
    this.#cgroup = cgroup;
    const base = LOWEST + 10 * Math.floor(Math.random() * 10_000);
    this.#numbers = Object.fromEntries(DISKS.map((disk, i) => [disk, base + i])) as Record<Disk, number>;
    this.#settings = settingsIn(place);
    this.#ears = this.#listen();
  }

  static async start(): Promise<InjectedStage> {
    const stack = new Stack();
    const place = stack.use(temporaryDirectory()).path;
    chmodSync(place, 0o711);
    for (const name of ["run", "state", "nodes", "box"])
      mkdirSync(join(place, name), { mode: name === "run" ? 0o711 : 0o700 });
    chmodSync(join(place, "nodes"), 0o755);
    chownSync(join(place, "box"), UID_BASE, UID_BASE);
    const cgroup = stack.use(new OwnCgroup());
    const system = stack.use(await System.start([{ source: join(place, "nodes"), destination: "/nodes" }]));
    cgroup.take(system.pid);
    const stage = new InjectedStage(stack, place, system, cgroup);
    stage.#makeNodes();
    return stage;
  }

  /** What differs from one stage to another, and what it stands for. */
  get names(): ReadonlyMap<string, string> {
    const disks = DISKS.map((disk) => [`loop${this.#numbers[disk]}`, "loopN"] as const);
    return new Map([[this.place, "/place/of"], [this.#cgroup.name, "CGROUP"], ...disks]);
  }

  /** A relay does all that a relay does while devices come and go, and ends; then another one, to which nothing happens, does so. */
  async run(trace?: (pid: number) => Trace): Promise<Outcome> {
    this.#reset();
    const before = tracesOf({ place: this.place, pid: this.system.pid, mark: this.#mark, cgroup: this.#cgroup.path });
    const faults: string[] = [];
    const relay = new TracedRelay(this.#settings, this.#mark);
    try {
      const descriptors = await relay.ready();
      if (trace) await relay.trace(trace(relay.process.pid ?? 0));
      await this.#perform(relay, faults);
      faults.push(...(await leakedBy(relay, descriptors)));
    } finally {
      await relay.end();
    }
    faults.push(...relay.faults);
    const isAmiss = relay.crash !== undefined || relay.errors.length + relay.warnings.length + faults.length > 0;
    if (isAmiss) await this.#performNext(faults);
    faults.push(
      ...differences(
        "left",
        before,
        tracesOf({ place: this.place, pid: this.system.pid, mark: this.#mark, cgroup: this.#cgroup.path }),
      ),
      ...this.#ears.faults(relay.warnings.some(isAboutJournal)),
    );
    return { errors: relay.errors, warnings: relay.warnings, faults };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#performNext([]); // what one that failed has left goes with it
    this.#ears[Symbol.dispose]();
    if (this.#link !== "") ip(this.system.pid, "link", "delete", this.#link);
    for (const disk of DISKS) this.#plug(disk, false);
    await this.#stack[Symbol.asyncDispose]();
  }

  async #perform(relay: TracedRelay, faults: string[]): Promise<void> {
    await relay.ask("open");
    await relay.ask("attach", boxOf(this.#numbers, this.system.pid, this.place));
    await relay.ask("attach", otherOf(this.#numbers));
    const isAttached = relay.errors.length === 0 && !relay.hasEnded;
    await this.#happen(relay);
    const isUnsure = relay.errors.some(([command]) => command === "revoke");
    const amiss = isAttached && !relay.hasEnded ? await this.#amiss("at rest", isHidden(relay)) : [];
    if (amiss.length > 0 && !(isUnsure && this.#amissNow(false).length === 0)) faults.push(...amiss);
    await relay.ask("detach", { name: "other" });
    await relay.ask("close");
  }

  /** What there is to be told, and what is asked of a relay meanwhile. */
  async #happen(relay: TracedRelay): Promise<void> {
    const { pid } = this.system;
    const [name, rule] = ["box", devpathOf(this.#numbers.hidden)];
    this.#plug("comes", true);
    change(devpathOf(this.#numbers.stays));
    ip(pid, "link", "add", "even0", "type", "veth", "peer", "name", PEER);
    ip(pid, "link", "set", "even0", "name", (this.#link = "odd0"));
    this.#plug("goes", false);
    await relay.ask("settle");
    await relay.ask("allow", { name, rule });
    await relay.ask("forget", { name, rule });
    await relay.ask("grant", { name, device: rule });
    await relay.ask("explain", { name, device: rule });
    await relay.ask("revoke", { name, device: rule, open: "freeze" });
    await relay.ask("thaw", { name });
    const stalled = relay.ask("stall", { ms: STALL_MS });
    for (let i = 0; i < STALLED; i++) change(devpathOf(this.#numbers.stays));
    await stalled;
    await relay.ask("settle");
  }

  /** Which has to make good what the one before did not. */
  async #performNext(faults: string[]): Promise<void> {
    const { runtimeDir, stateDir, lockDirectory, receiveBuffer } = this.#settings;
    let relay: Relay | undefined;
    try {
      const kernel = openLinux({ receiveBuffer, lockDirectory, agent: agentPath });
      relay = await openRelay({ kernel, runtimeDir, stateDir });
      await relay.attach(boxOf(this.#numbers, this.system.pid, this.place));
      const other = await relay.attach(otherOf(this.#numbers));
      await relay.settle();
      faults.push(...(await this.#amiss("the next relay")));
      await other.detach(); // so that it holds nothing any more
    } catch (error) {
      faults.push(`the next relay: ${String(error)}`);
    }
    await relay?.close();
  }

  /** What is not as the policy says. */
  async #amiss(when: string, hidden = true): Promise<readonly string[]> {
    let amiss = this.#amissNow(hidden);
    await until(() => (amiss = this.#amissNow(hidden)).length === 0, "all is right", PATIENCE_S).catch(() => {});
    return amiss.map((each) => `${when}: ${each}`);
  }

  #amissNow(hidden: boolean): readonly string[] {
    const sees = DISKS.filter((disk) => disk !== "held" && (disk !== "hidden" || !hidden) && this.#isThere(disk));
    const names = sees.map((disk) => `loop${this.#numbers[disk]}`).toSorted();
    const wanted = names.map((name) => `/devices/virtual/block/${name}`);
    const links = ["lo", ...(this.#link === "" ? [] : [this.#link, PEER])].map(
      (link) => `/devices/virtual/net/${link}`,
    );
    const loops = (path: string): readonly string[] => namesIn(`/proc/${this.system.pid}/root${path}`);
    return [
      ...differences("a listener", [...wanted, ...links], this.#ears.told),
      ...differences("its netlink", wanted, this.#ears.injected),
      ...differences("its /dev", names, loops("/dev")),
      ...differences("its /sys", names, loops("/sys/block")),
      ...differences("what it can open", names, this.#openable()),
    ];
  }

  #openable(): readonly string[] {
    const there = DISKS.filter((disk) => this.#isThere(disk)).map((disk) => `loop${this.#numbers[disk]}`);
    return openable(this.system, this.#cgroup, there);
  }

  #listen(): Ears {
    return new Ears(join(this.place, "box", `${randomUUID()}.sock`), this.system.pid);
  }

  /** As each relay begins. */
  #reset(): void {
    if (this.#link !== "") ip(this.system.pid, "link", "delete", this.#link);
    this.#link = "";
    for (const disk of DISKS) this.#plug(disk, disk !== "comes");
    if (this.#ears.faults(false).length === 0) return;
    this.#ears[Symbol.dispose]();
    rmSync(join(this.place, "state"), { recursive: true });
    mkdirSync(join(this.place, "state"), { mode: 0o700 });
    this.#ears = this.#listen();
  }

  #plug(disk: Disk, isThere: boolean): void {
    if (this.#isThere(disk) === isThere) return;
    if (isThere) addLoop(this.#numbers[disk]);
    else removeLoop(this.#numbers[disk]);
  }

  #isThere(disk: Disk): boolean {
    return existsSync(`/sys${devpathOf(this.#numbers[disk])}`);
  }

  #makeNodes(): void {
    for (const disk of DISKS) {
      const number = this.#numbers[disk];
      makeNode(join(this.place, "nodes", `loop${number}`), number);
      this.#plug(disk, disk !== "comes");
    }
  }
}

/** Rules that could not be taken back stay in force. What was granted may be taken although `revoke` failed behind that. */
const isHidden = ({ errors }: TracedRelay): boolean => !errors.some(([command]) => command === "forget");

function namesIn(path: string): readonly string[] {
  return readdirSync(path)
    .filter((name) => /^loop7\d{5}$/.test(name))
    .toSorted();
}
