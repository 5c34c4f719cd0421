import type { TargetRef } from "@uevent-bridge/kernel";

import { Answers } from "./answers.js";
import type { Has } from "./answers.js";
import { heldAt } from "./claiming.js";
import type { Container } from "./container.js";
import { Emitter } from "./emitter.js";
import type { BridgeError } from "./errors.js";
import { attempt, attemptAll } from "./errors.js";
import type { Host } from "./host.js";
import type { KnownDevice } from "./known-device.js";
import { Migration } from "./migration.js";
import { News } from "./news.js";
import { RuleSet, grantedWords, namesOf } from "./policy.js";
import { isPassing } from "./transfer-errors.js";
import type * as api from "./types.js";
import { noDevice, notShared } from "./warnings.js";

/** A container as the caller has it. */
export class ContainerHandle extends Emitter<api.ContainerEvents> implements api.Container {
  /** They are said once the caller has it, and has had the time to listen. */
  readonly warnings = new News<BridgeError>((warning) => this.emit("warning", warning));
  readonly #host: Host;
  readonly #container: Container;
  readonly #answers: Answers;
  readonly #migration: Migration;

  constructor(host: Host, container: Container, has: () => Has) {
    super();
    this.#host = host;
    this.#container = container;
    this.#answers = new Answers(host, container, has);
    this.#migration = new Migration(host, container);
  }

  get name(): string {
    return this.#container.name;
  }

  get mounts(): readonly api.Mount[] {
    return this.#container.mounts;
  }

  get delivery(): readonly api.DeliveryChoice[] {
    return this.#container.delivery;
  }

  async join(target: TargetRef): Promise<void> {
    this.#container.check();
    await this.#container.join(target);
  }

  allow(...rules: api.RuleLike[]): Promise<api.Change> {
    return attemptAll(() => this.#container.change((current) => current.with("allow", rules)));
  }

  deny(...rules: api.RuleLike[]): Promise<api.Change> {
    return attemptAll(() => this.#container.change((current) => current.with("deny", rules)));
  }

  forget(...rules: api.RuleLike[]): Promise<api.Change> {
    return attemptAll(() => this.#container.change((current) => current.without(rules)));
  }

  async setPolicy(
    policy: api.Policy,
    { dryRun = false, open }: { readonly dryRun?: boolean } & api.RevokeOptions = {},
  ): Promise<api.Revocation> {
    this.#container.check();
    if (dryRun) return this.#answers.dryRun(policy);
    const before = this.#container.told();
    const change = await attemptAll(() => this.#container.change(() => RuleSet.of(policy)));
    const after = this.#container.told();
    const gone = [...before].filter((device) => !after.has(device));
    return { ...change, ...(open && (await this.#closed(gone, open))) };
  }

  async grant(devpath: string, given: api.Words = {}): Promise<api.Change> {
    const words = attempt(() => grantedWords(given));
    const device = this.#known(devpath, this.#answers.findOnHost(devpath));
    const { name } = this.#container;
    let undo = (): void => undefined;
    const work = (): void => {
      undo = this.#host.selection.grant(this.#container, device, words);
      const holder = words.exclusive ? name : (heldAt(device)?.holder ?? name); // who is to hold it alone is told by whom else
      if (holder !== name) throw holder === "" ? isPassing(devpath) : this.#notShared(device, holder);
    };
    const change = await attemptAll(() => this.#container.retold(work, () => undo()));
    this.#container.sayWords(new Map([[`grant ${device.devpath}`, namesOf(words)]]));
    return change;
  }

  async revoke(devpath: string, { open }: api.RevokeOptions = {}): Promise<api.Revocation> {
    const device = this.#known(devpath, this.#answers.find(devpath));
    const gone = [...device.node.devices()];
    const granted = this.#host.selection.grantedTo(this.#container, device);
    const revoke = (): void => this.#host.selection.revoke(this.#container, device);
    const change = await attemptAll(() => this.#container.retold(revoke));
    return {
      ...change,
      ...(granted && namesOf(granted).length > 0 && { granted }),
      ...(open && (await this.#closed(gone, open))),
    };
  }

  async thaw(): Promise<void> {
    this.#container.check();
    attempt(() => this.#container.inUse.thaw());
  }

  async trigger(...rules: api.RuleLike[]): Promise<number> {
    this.#container.check();
    const isPicked = rules.length > 0 ? await this.#answers.picked(rules) : () => true; // without, at once
    const devices = [...this.#container.told()].filter(isPicked);
    this.#container.say(devices);
    this.#host.flush();
    return devices.length;
  }

  async devices(...rules: api.RuleLike[]): Promise<api.Device[]> {
    this.#container.check();
    return attemptAll(() => this.#answers.devices(rules));
  }

  async explain(device: string, options: api.ExplainOptions = {}): Promise<api.Explanation> {
    this.#container.check();
    return attemptAll(() => this.#answers.explain(device, options));
  }

  async log({ since }: { readonly since?: Date } = {}): Promise<api.Decision[]> {
    this.#container.check();
    return this.#answers.log(since);
  }

  events(options: api.StreamOptions = {}): AsyncIterable<api.Message> {
    this.#container.check();
    return this.#container.ear.open(options);
  }

  async settle({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await attemptAll(() => this.#host.settle([this.#container], signal));
  }

  async checkpoint(): Promise<Uint8Array> {
    this.#container.check();
    return this.#migration.checkpoint();
  }

  async restore(state: Uint8Array, renamed: ReadonlyMap<string, string> = new Map()): Promise<api.Change> {
    this.#container.check();
    return attemptAll(() => this.#migration.restore(state, renamed));
  }

  async detach(): Promise<void> {
    this.#container.end("asked");
    await this.#container.left();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.detach();
  }

  /** What it may not see any more is in use no more. */
  #closed(gone: readonly KnownDevice[], open: api.OnOpen): Promise<Omit<api.Revocation, keyof api.Change>> {
    return attemptAll(() => this.#container.inUse.close(gone, open));
  }

  #notShared(device: KnownDevice, other: string): BridgeError {
    return notShared(this.name, { device, other, file: this.#host.selection.claims.fileOf(device, other) });
  }

  /** @throws BridgeError PATH_UNUSABLE */
  #known(asked: string, found: KnownDevice | undefined): KnownDevice {
    this.#container.check();
    if (!found) throw noDevice(asked);
    return found;
  }
}
