import type { Policy } from "@uevent-bridge/filter";
import type { Kernel, Shadow, Target } from "@uevent-bridge/kernel";

import { onceAborted } from "./abort.js";
import { Container } from "./container.js";
import { openParts } from "./container-parts.js";
import { hasTarget, hearsNothing } from "./container-target.js";
import { Core } from "./core.js";
import { doAll } from "./do-all.js";
import { Emitter } from "./emitter.js";
import { asBridgeError, attempt, attemptAll } from "./errors.js";
import { HOST_NETNS } from "./feed.js";
import { DEFAULT_LIMITS } from "./limits.js";
import { monitor } from "./monitor.js";
import { RuleSet } from "./policy.js";
import { snapshot } from "./snapshot.js";
import { Transfers } from "./transfers.js";
import type * as api from "./types.js";
import type { WrittenClaims } from "./written-claims.js";
import { openWrittenClaims } from "./open-written-claims.js";
import { checkName, hasEnded, nameTaken, needsUdev, noUdevd } from "./warnings.js";

/** What the relay is made of. */
export interface CoreOptions extends api.RelayOptions {
  readonly kernel: Kernel;
  /** Where containers' socket directories are made. */
  readonly runtimeDir: string;
  /** True: events that somebody with CAP_SYS_ADMIN over our netns injected count as the kernel's, as a nested relay needs it. */
  readonly acceptInjected?: boolean;
}

/**
 * Listens to the kernel and tells containers what they may see.
 * @throws BridgeError NO_PRIVILEGE, KERNEL_TOO_OLD
 */
export async function openRelay(options: CoreOptions): Promise<api.Relay> {
  const relay = attempt(() => new Relay(options));
  try {
    await relay.open();
  } catch (error) {
    await relay.close();
    throw asBridgeError(error);
  }
  return relay;
}

class Relay extends Emitter<api.RelayEvents> implements api.Relay {
  readonly #options: CoreOptions;
  readonly #core: Core;
  readonly #transfers: Transfers;
  #written: WrittenClaims | undefined;
  readonly #containers = new Map<string, Container>();
  readonly #names = new Set<string>(); // also of those that are being attached
  readonly #everyone = new Set<Container>(); // until nothing of theirs is left
  #forgetSignal: (() => void) | undefined;
  #isHeld = true;
  #closed: Promise<void> | undefined;

  constructor(options: CoreOptions) {
    super();
    this.#options = options;
    this.#core = new Core({
      kernel: options.kernel,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      acceptInjected: options.acceptInjected ?? false,
      containers: () => this.#containers.values(),
      everyone: () => this.#everyone,
      onDetached: (container) => this.#detached(container),
      onGap: (gap) => this.emit("gap", gap),
      onWarning: (warning) => this.emit("warning", warning),
    });
    this.#transfers = new Transfers(this.#core, (name) => this.#containers.get(name));
  }

  async open(): Promise<void> {
    const { stateDir = false, kernel } = this.#options;
    if (stateDir !== false)
      this.#written = openWrittenClaims(stateDir, kernel, this.#core, (it) => this.emit("warning", it));
    await this.#core.open();
    this.#written?.open();
    this.#forgetSignal = onceAborted(this.#options.signal, () => void this.close());
  }

  async attach(options: api.AttachOptions): Promise<api.Container> {
    this.#core.check();
    checkName(options.name);
    options.signal?.throwIfAborted();
    const rules = attempt(() => RuleSet.of(options));
    if (this.#names.has(options.name)) throw nameTaken(options.name);
    this.#names.add(options.name);
    try {
      return await this.#attach(options, rules);
    } catch (error) {
      this.#names.delete(options.name);
      throw asBridgeError(error);
    }
  }

  get counters(): api.Counters {
    return { ...this.#core.counters };
  }

  async get(name: string): Promise<api.Container | undefined> {
    this.#core.check();
    return this.#containers.get(name)?.handle;
  }

  async list(): Promise<api.Container[]> {
    this.#core.check();
    return Array.from(this.#containers.values(), ({ handle }) => handle);
  }

  async devices(policy?: Policy): Promise<api.Device[]> {
    this.#core.check();
    const devices = policy
      ? await attemptAll(() => this.#core.select(policy, HOST_NETNS))
      : [...this.#core.feeds.host.registry.tree.devices()];
    return devices.map(snapshot);
  }

  monitor(
    options: api.StreamOptions & { readonly source?: "kernel" | "udev"; readonly rules?: readonly api.RuleLike[] } = {},
  ): AsyncIterable<api.Message> {
    this.#core.check();
    if (options.source === "udev" && !this.#options.kernel.udevRuns()) this.emit("warning", noUdevd());
    return attempt(() => monitor(this.#options.kernel, this.#core, options));
  }

  async transfer(device: string, to: string, options: api.TransferOptions = {}): Promise<void> {
    this.#core.check();
    await attemptAll(() => this.#transfers.transfer(device, to, options));
  }

  settle(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return attemptAll(() => this.#core.settle([...this.#containers.values()], options.signal));
  }

  ref(): this {
    return this.#hold(true);
  }

  unref(): this {
    return this.#hold(false);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#forgetSignal?.();
    this.#transfers.close();
    this.#written?.close();
    const containers = [...this.#everyone];
    try {
      doAll(...containers.map((container) => () => container.end("closed")), () => this.#core.close());
    } finally {
      await this.#core.left();
      this.emit("closed");
    }
  }

  async #attach(options: api.AttachOptions, rules: RuleSet): Promise<api.Container> {
    const target = hasTarget(options) ? this.#core.openTarget(options) : undefined;
    const container = this.#make(options, target, await this.#openShadow(options, target));
    try {
      if (target) await container.enter(target);
      this.#checkAttaching(container, options.signal);
      await container.enforce(rules);
      this.#checkAttaching(container, options.signal);
      await container.show();
      this.#checkAttaching(container, options.signal);
      container.open();
    } catch (error) {
      container.end("closed");
      throw error;
    }
    this.#attached(container, options, rules);
    return container.handle;
  }

  /** What may have happened meanwhile. */
  #checkAttaching(container: Container, signal: AbortSignal | undefined): void {
    this.#core.check();
    signal?.throwIfAborted();
    if (container.isDetached) throw hasEnded(container.name);
  }

  #make(options: api.AttachOptions, target: Target | undefined, shadow: Shadow | undefined): Container {
    const { kernel, runtimeDir, stateDir = false } = this.#options;
    try {
      const parts = openParts({ kernel, runtimeDir, stateDir }, options, target);
      const container = new Container(this.#core, { ...parts, shadow });
      this.#everyone.add(container);
      return container;
    } catch (error) {
      shadow?.close();
      target?.close();
      throw error;
    }
  }

  async #openShadow({ name, deliver }: api.AttachOptions, target: Target | undefined): Promise<Shadow | undefined> {
    const { kernel, runtimeDir } = this.#options;
    const { shadow = "off" } = deliver ?? {};
    if (shadow === "off" || (shadow === "auto" && hearsNothing(target))) return undefined;
    try {
      return await kernel.openShadow(shadow === "auto" ? `${runtimeDir}/.shadow/${name}` : shadow.listenerPath);
    } catch (error) {
      target?.close();
      throw error;
    }
  }

  #attached(container: Container, options: api.AttachOptions, rules: RuleSet): void {
    this.#containers.set(container.name, container);
    container.hold(this.#isHeld);
    const { handle } = container;
    const forget = onceAborted(options.signal, () => void handle.detach());
    handle.once("detached", forget);
    this.emit("attached", handle);
    const asking = this.#options.kernel.udevRuns() ? undefined : rules.asksUdev();
    if (asking !== undefined) handle.warnings.push(needsUdev(container.name, asking));
  }

  #hold(isHeld: boolean): this {
    this.#isHeld = isHeld;
    this.#core.feeds.hold(isHeld);
    for (const container of this.#containers.values()) container.hold(isHeld);
    return this;
  }

  #detached(container: Container): void {
    this.#names.delete(container.name);
    if (this.#containers.delete(container.name)) this.emit("detached", container.handle);
    const left = (): void => this.#left(container);
    void container.left().then(left, left);
  }

  /** What it held is free now. */
  #left(container: Container): void {
    this.#everyone.delete(container);
    if (!this.#closed) this.#core.flush();
  }
}
