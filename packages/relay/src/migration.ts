import type { Words } from "@uevent-bridge/filter";

import type { Container } from "./container.js";
import { difference } from "./difference.js";
import type { Host } from "./host.js";
import type { KnownDevice } from "./known-device.js";
import { RuleSet } from "./policy.js";
import { recall } from "./recall.js";
import type { State, Told, ToldDevice } from "./state.js";
import { decodeState, encodeState } from "./state.js";
import type { Change } from "./types.js";

/** Beside its rules. */
interface Given {
  readonly granted: readonly { readonly device: KnownDevice; readonly words: Words }[];
  readonly revoked: readonly KnownDevice[];
}

type Renamed = ReadonlyMap<string, string>;

/** How a container is taken from one host, or one relay, to another. */
export class Migration {
  readonly #host: Host;
  readonly #container: Container;

  constructor(host: Host, container: Container) {
    this.#host = host;
    this.#container = container;
  }

  async checkpoint(): Promise<Uint8Array> {
    const container = this.#container;
    await this.#host.settle([container]);
    container.check();
    const { allow, deny } = container.policy;
    const { granted, revoked } = this.#given();
    return encodeState({
      boot: this.#host.boot,
      told: [...container.told()].map((device) => toldOf(device, container.nameOf(device))),
      allow: textsOf(allow),
      deny: textsOf(deny),
      granted: granted.map(({ device, words }) => ({ ...idOf(device), words })),
      revoked: revoked.map(idOf),
    });
  }

  /** @throws BridgeError STATE_DAMAGED, VERSION_MISMATCH, HELD */
  async restore(bytes: Uint8Array, renamed: Renamed): Promise<Change> {
    const state = decodeState(bytes);
    const container = this.#container;
    const suspended = container.outlets
      .filter(({ isKeptHere }) => !isKeptHere)
      .map((outlet) => ({ outlet, undo: outlet.suspend() }));
    try {
      await this.#enforce(state, renamed);
    } catch (error) {
      for (const { undo } of suspended) undo();
      this.#host.flush();
      throw error;
    }
    const find = this.#finder(state, new Map());
    const { told, doubted } = recall(state.told, (each) =>
      pathOf(each.devpath, renamed) === each.devpath ? find(each) : undefined,
    );
    for (const { outlet } of suspended) outlet.resume(told, doubted, true);
    this.#host.flush();
    return difference(new Set(told.keys()), container.told());
  }

  /** Its rules, and what it was granted and lost: all of it, or nothing. */
  async #enforce(state: State, renamed: Renamed): Promise<void> {
    const container = this.#container;
    let before: RuleSet | undefined;
    await container.change((rules) => {
      before = rules;
      return RuleSet.of(state);
    });
    const given = this.#given();
    try {
      await container.retold(
        () => this.#grant(state, renamed),
        () => this.#giveBack(given),
      );
    } catch (error) {
      if (!container.isDetached) await container.change((rules) => before ?? rules);
      throw error;
    }
  }

  /** What it is granted and has lost. */
  #given(): Given {
    const container = this.#container;
    const devices = [...this.#host.devicesOf(container.netns)];
    const granted = devices.flatMap((device) => {
      const words = device.granted?.get(container);
      return words ? [{ device, words }] : [];
    });
    return { granted, revoked: devices.filter((device) => device.revoked?.has(container)) };
  }

  #giveBack({ granted, revoked }: Given): void {
    const { selection } = this.#host;
    selection.forget(this.#container, this.#host.devicesOf(this.#container.netns));
    for (const { device, words } of granted) selection.grant(this.#container, device, words);
    for (const device of revoked) selection.revoke(this.#container, device);
  }

  #grant(state: State, renamed: Renamed): void {
    const find = this.#finder(state, renamed);
    const { selection } = this.#host;
    for (const granted of state.granted) {
      const device = find(granted);
      if (device) selection.grant(this.#container, device, granted.words);
    }
    for (const revoked of state.revoked) {
      const device = find(revoked);
      if (device) selection.revoke(this.#container, device);
    }
  }

  /** The device that one of there is here: the very same, or one that was said to stand for it. */
  #finder({ boot }: State, renamed: Renamed): (told: Told) => KnownDevice | undefined {
    const here = new Map(Array.from(this.#host.devicesOf(this.#container.netns), (device) => [device.devpath, device]));
    const isSame = (device: KnownDevice | undefined, told: Told): boolean =>
      boot === this.#host.boot && device?.is(told) === true;
    return (told) => {
      const path = pathOf(told.devpath, renamed);
      const device = here.get(path);
      return path !== told.devpath || isSame(device, told) ? device : undefined;
    };
  }
}

/** Where it is here: it or what is above it has another name. */
function pathOf(devpath: string, renamed: Renamed): string {
  for (let end = devpath.length; end > 0; end = devpath.lastIndexOf("/", end - 1)) {
    const to = renamed.get(devpath.slice(0, end));
    if (to !== undefined) return to + devpath.slice(end);
  }
  return devpath;
}

function idOf({ devpath, incarnation }: KnownDevice): Told {
  return { devpath, incarnation };
}

function toldOf(device: KnownDevice, name: string | undefined): ToldDevice {
  const { subsystem, state } = device;
  return { ...idOf(device), subsystem, state, ...(name !== undefined && { name }) };
}

function textsOf(rules: readonly { readonly text: string }[]): readonly string[] {
  return [...new Set(rules.map(({ text }) => text))];
}
