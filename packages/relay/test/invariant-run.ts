import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { FakeListener, FakeReader } from "@uevent-bridge/kernel/testing";
import type { Policy } from "@uevent-bridge/filter";
import type { Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import fc from "fast-check";
import { vi } from "vitest";

import { BY_SUFFIX, ITSELF, ofUdev } from "./forms.js";
import { History } from "./history.js";
import type { ModelPolicy } from "./world.js";
import { Model, PLACES, RULES } from "./world.js";

/** How often each kind of step is drawn. */
export const WEIGHTS = {
  plug: 30,
  unplug: 8,
  bind: 8,
  change: 8,
  move: 3,
  synthetic: 4,
  silent: 4, // a change of the tree that an overrun hides
  run: 8,
  allow: 3,
  deny: 2,
  forget: 3,
  setPolicy: 2,
  trigger: 1,
  hang: 2, // an attribute is not answered until the next `release`
  release: 5,
  listen: 3,
  die: 2,
  read: 14,
  kill: 3,
} as const;

export type Kind = keyof typeof WEIGHTS;
type Step = readonly [kind: Kind, a: number, b: number];

export const step: fc.Arbitrary<Step> = fc.tuple(
  fc.oneof(...Object.entries(WEIGHTS).map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind as Kind) }))),
  fc.nat(PLACES.length * 6),
  fc.nat(RULES.length - 1),
);

interface Heard {
  readonly from: FakeListener | FakeReader;
  readonly history: History;
  /** The events in a datagram. */
  readonly eventsIn: (bytes: Uint8Array) => readonly Uint8Array[];
}

/** Rules of a container whose policy stays as it is. */
export const OTHER = { allow: new Set([4, 5]), deny: new Set([3]) };

/**
 * One machine, one container with a changing policy, listeners that come, stall and go, and its netlink; and another with a
 * listener that no step of the first one's may disturb.
 */
export class Run {
  readonly kernel = new FakeKernel();
  readonly model = new Model(this.kernel);
  readonly policy = { allow: new Set<number>(), deny: new Set<number>() };
  readonly listeners: Heard[] = [];
  readonly container = this.kernel.container();
  /** Of each group one reads with a large buffer, and one with a small one that overruns. */
  readonly readers: Heard[] = [1_000_000, 6000].flatMap((receiveBuffer) => [
    { from: this.container.reader({ receiveBuffer }), history: new History(false), eventsIn: ITSELF },
    { from: this.container.reader({ receiveBuffer, group: "udev" }), history: new History(true), eventsIn: ofUdev },
  ]);
  readonly hung: { release: () => void }[] = [];
  readonly changes: Promise<unknown>[] = [];
  relay!: Relay;
  box!: Container;
  other!: Heard;
  readonly #stateDir: string;
  #names = 0;

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  async open(): Promise<void> {
    await this.#start();
    const from = this.kernel.directory("/run/other").bind("a.sock", { queue: 11 });
    this.other = { from, history: new History(true), eventsIn: ITSELF };
  }

  async #start(): Promise<void> {
    const options = { kernel: this.kernel, runtimeDir: "/run", stateDir: this.#stateDir };
    this.relay = await openRelay({ ...options, limits: { waitingBytes: 8000 } });
    const deliver = { socket: "/run/box", netlink: "both" } as const;
    this.box = await this.relay.attach({ name: "box", pid: this.container.pid, deliver, ...textsOf(this.policy) });
    await this.relay.attach({ name: "other", deliver: { socket: "/run/other" }, ...textsOf(OTHER) });
  }

  async do([kind, a, b]: Step): Promise<void> {
    switch (kind) {
      case "silent":
        return this.#hidden(a);
      case "move":
        return this.model.move(a, false);
      case "synthetic":
        return this.model.synthetic(a);
      case "plug":
      case "unplug":
      case "bind":
      case "change":
        return this.model[kind](a, false);
      case "run":
        return this.kernel.idle();
      case "listen":
        return this.#listen(a);
      case "die":
        return this.#die(a);
      case "read":
        return this.#read(a);
      case "hang":
        return void this.hung.push(
          this.kernel.hang(PLACES[a % PLACES.length]!.devpath, ["removable", "product"][b % 2]!),
        );
      case "release":
        return this.release();
      case "kill":
        return this.#kill(a, b);
      case "trigger":
        return void (await this.box.trigger());
      default:
        return this.#policy(kind, b);
    }
  }

  /** The relay is killed at any moment, and another one comes, while some things happen or none. */
  async #kill(a: number, b: number): Promise<void> {
    if (a % 3 === 0) this.kernel.kill();
    else this.kernel.killAfter(1 + (a % 13));
    for (let i = 0; i < a % 7; i++) this.model.change(a + i, false);
    await this.kernel.idle();
    this.kernel.kill();
    this.changes.length = 0; // nobody waits for them any more
    for (let i = 0; i < b % 4; i++) this.model[i % 2 === 0 ? "unplug" : "plug"](a + b + i, false);
    await this.#readUntil(this.#start());
  }

  async release(): Promise<void> {
    for (const hung of this.hung.splice(0)) hung.release();
    const changes = Promise.all(this.changes.splice(0));
    await this.#readUntil(changes);
  }

  /** Reads all that waits, again and again, until nobody says anything more. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 4;) {
      await this.#readUntil(this.box.settle());
      await vi.advanceTimersByTimeAsync(300); // the look at the readers comes round
      await this.kernel.idle();
      const heard = [...this.listeners, ...this.readers, this.other].map((each) => hearAll(each)).some((n) => n > 0);
      quiet = heard ? 0 : quiet + 1;
    }
  }

  /** Lets time pass while all read: whoever reads less often than the relay is patient may never catch up. */
  async #readUntil(promise: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = promise.finally(() => (isDone = true));
    while (!isDone) {
      await vi.advanceTimersByTimeAsync(5);
      for (const each of this.readers) hearAll(each);
    }
    await done;
  }

  #hidden(a: number): void {
    const kinds = ["plug", "unplug", "bind", "change"] as const;
    if (a % 5 === 4) this.model.move(a >> 2, true);
    else this.model[kinds[a % 4]!](a >> 2, true);
    this.kernel.overrun();
  }

  #listen(a: number): void {
    if (this.listeners.length > 4) return;
    const [suffix, eventsIn] = BY_SUFFIX[a % BY_SUFFIX.length]!;
    const from = this.kernel.directory("/run/box").bind(`${this.#names++}${suffix}`, { queue: 1 + (a % 11) });
    this.listeners.push({ from, history: new History(true), eventsIn });
  }

  #die(a: number): void {
    const [gone] = this.listeners.splice(a % Math.max(1, this.listeners.length), 1);
    if (!gone || !("unlink" in gone.from)) return;
    gone.from.close();
    if (a % 2 === 0) gone.from.unlink();
  }

  async #read(a: number): Promise<void> {
    const all = [...this.listeners, ...this.readers, this.other];
    for (let n = 0; n < a % 7; n++) hearOne(all[a % all.length]!);
    await vi.advanceTimersByTimeAsync(a % 4);
    await this.kernel.idle();
  }

  /** While an attribute hangs a change of the policy may wait for it. */
  async #changed(change: Promise<unknown>): Promise<void> {
    if (this.hung.length === 0) await change;
    else this.changes.push(change.catch(() => undefined)); // its relay may be killed meanwhile
  }

  async #policy(kind: "allow" | "deny" | "forget" | "setPolicy", rule: number): Promise<void> {
    const { text } = RULES[rule]!;
    if (kind === "forget") {
      this.policy.allow.delete(rule);
      this.policy.deny.delete(rule);
      await this.#changed(this.box.forget(text));
    } else if (kind === "setPolicy") {
      this.policy.allow = new Set([rule, (rule + 3) % RULES.length]);
      this.policy.deny = new Set([(rule + 1) % RULES.length]);
      await this.#changed(this.box.setPolicy(textsOf(this.policy)));
    } else {
      this.policy[kind].add(rule);
      await this.#changed(this.box[kind](text));
    }
  }
}

function textsOf({ allow, deny }: ModelPolicy): Policy {
  const texts = (rules: ReadonlySet<number>) => [...rules].map((i) => RULES[i]!.text);
  return { allow: texts(allow), deny: texts(deny) };
}

function hearOne({ from, history, eventsIn }: Heard): boolean {
  const bytes = from.read();
  if (bytes) for (const event of eventsIn(bytes)) history.hear(event);
  return bytes !== undefined;
}

function hearAll(heard: Heard): number {
  let n = 0;
  while (hearOne(heard)) n++;
  return n;
}
