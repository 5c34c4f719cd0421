import type { Policy } from "@uevent-bridge/filter";
import type { FakeContainer, FakeKernel, Operation } from "@uevent-bridge/kernel/testing";
import { KernelError } from "@uevent-bridge/kernel";
import type { Container, Relay } from "@uevent-bridge/relay";
import { BridgeError, openRelay } from "@uevent-bridge/relay";

import type { Clock } from "./clock.js";

/** In the middle of which a relay is killed, */
const MOMENTS: readonly Operation[] = [
  "enumerate",
  "connect",
  "beginLedger",
  "openLedger",
  "openInjector",
  "openSource",
];
/** and which it may not do. */
const PRIVILEGED: readonly Operation[] = ["enumerate", "openSource", "openInjector", "openTarget", "openDirectory"];
/** Milliseconds that a relay lives that is killed as it starts. */
const START_MS = 3000;
/** Starts in a row that may fail. */
const STARTS = 4;

export interface RelaysOptions {
  readonly kernel: FakeKernel;
  readonly clock: Clock;
  readonly container: FakeContainer;
  readonly stateDir: string;
  readonly waitingBytes: number;
  /** Somebody keeps the socket of each for the next one. */
  readonly keeps: boolean;
  readonly policies: () => { readonly box: Policy; readonly other: Policy };
  /** Programs read while something is waited for. */
  readonly readAll: () => Promise<void>;
  /** A relay is there, of which some are heard by the program that opened them. */
  readonly onStarted: (box: Container, isHeard: boolean) => Promise<void>;
}

/** One relay after the other, each of which takes over what the one before it told. */
export class Relays {
  relay!: Relay;
  box!: Container;
  kills = 0;
  /** One may not have been allowed something. */
  isRefused = false;
  readonly #options: RelaysOptions;
  #doom: object = {};
  #starts = 0;

  constructor(options: RelaysOptions) {
    this.#options = options;
  }

  /** @throws BridgeError what is no lack of privileges */
  async start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#wait(this.#start());
      } catch (error) {
        if (tries === STARTS || !(error instanceof BridgeError) || error.code !== "NO_PRIVILEGE") throw error;
        this.kill(); // who may not ends
      }
    }
  }

  /** One that is killed before it is done, or when it is. */
  async startInVain(): Promise<void> {
    const started = this.#start().catch(() => undefined);
    await this.#wait(Promise.race([started, new Promise((resolve) => setTimeout(resolve, START_MS))]));
    this.kill();
  }

  /** It will be killed: when it has sent so much more, or in the middle of something. */
  doom(a: number, b: number): void {
    if (a % 2 === 0) return this.#options.kernel.killAfter(1 + (b % 19));
    const doom = (this.#doom = {});
    this.#options.kernel.during(MOMENTS[b % MOMENTS.length]!, () => {
      if (this.#doom === doom) this.#options.kernel.die();
    });
  }

  /** As `kill -9`: neither its timers nor what it waits for are there any more. */
  kill(): void {
    this.kills++;
    this.#doom = {};
    this.#options.kernel.kill();
    this.#options.clock.forget();
  }

  /** It ends as programs should. Returns sentences: what it left behind. */
  async end(): Promise<readonly string[]> {
    const { clock, kernel } = this.#options;
    await this.#wait(this.relay.close());
    const left = [
      [clock.waiting, "timers"],
      [kernel.opened, "open things"],
    ] as const;
    return left.flatMap(([count, what]) => (count > 0 ? [`${count} ${what} outlive their relay`] : []));
  }

  /** Once. */
  refuse(b: number): void {
    this.isRefused = true;
    const error = new KernelError("NO_PRIVILEGE", "it was taken away", "give it back");
    const refused = (this.#doom = {});
    this.#options.kernel.during(PRIVILEGED[b % PRIVILEGED.length]!, () => {
      if (this.#doom === refused) throw error;
    });
  }

  async #start(): Promise<void> {
    const { kernel, stateDir, waitingBytes, container, policies } = this.#options;
    const start = ++this.#starts;
    const relay = await openRelay({ kernel, runtimeDir: "/run", stateDir, limits: { waitingBytes } });
    if (start !== this.#starts) return; // it was killed meanwhile
    const { box: policy, other } = policies();
    const deliver = { socket: "/run/box", netlink: "both" } as const;
    const box = await relay.attach({ name: "box", pid: container.pid, deliver, ...policy });
    await relay.attach({ name: "other", deliver: { socket: "/run/other" }, ...other });
    if (start !== this.#starts) return; // it was killed meanwhile
    Object.assign(this, { relay, box });
    await this.#options.onStarted(box, start % 2 === 0);
    if (this.#options.keeps) await relay.settle(); // what the kernel said while none was there is told from now on
  }

  #wait<T>(promise: Promise<T>): Promise<T> {
    return this.#options.clock.until(promise, this.#options.readAll);
  }
}
