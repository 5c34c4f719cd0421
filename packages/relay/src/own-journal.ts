import type { Ledger } from "@uevent-bridge/kernel";

import { BridgeError } from "./errors.js";
import type { Host } from "./host.js";
import { Journal } from "./journal.js";
import type { Account } from "./account.js";
import type { KnownDevice } from "./known-device.js";
import type { Concern } from "./concern.js";
import type { Outlet } from "./outlet.js";
import type { View } from "./view.js";
import type { Recalled } from "./recall.js";
import { ghostOf, recall } from "./recall.js";
import type { Subscriber } from "./selection.js";
import type { ToldDevice } from "./state.js";
import type { Remembered } from "./told-book.js";
import { forgotten } from "./warnings.js";

export interface OwnJournalParts {
  readonly name: string;
  /** Owned from now on. An error: it could not be opened. Undefined: nothing is written down. */
  readonly ledger: Ledger | BridgeError | undefined;
  readonly subscriber: Subscriber;
  readonly nameOf: View["nameOf"];
  readonly onWarning: (warning: BridgeError) => void;
}

/** What a container's outlets were told, so that a later relay tells the difference and nothing else. */
export class OwnJournal {
  readonly #host: Host;
  readonly #parts: OwnJournalParts;
  readonly #journal: Journal | undefined;

  constructor(host: Host, parts: OwnJournalParts) {
    this.#host = host;
    this.#parts = parts;
    const { ledger } = parts;
    if (ledger instanceof BridgeError) this.#trouble(ledger);
    else if (ledger)
      this.#journal = new Journal({
        ledger,
        boot: host.boot,
        flush: () => host.outbox.flush(),
        position: () => host.position,
        onTrouble: (trouble) => this.#trouble(trouble),
      });
  }

  /** Of the outlet to whom `key` names. */
  open(key: string): Account | undefined {
    return this.#journal?.open(key);
  }

  /** Has an outlet go on where that of a relay before ended. False if there was none. */
  resume(outlet: Outlet): boolean {
    const before = outlet.account?.before;
    if (!before) return false;
    const { replay } = this.#host;
    if (replay.isHeld) replay.joinBehind(before.at, () => this.#join(outlet, before));
    else
      this.#goOn(
        outlet,
        before,
        recall(before.told, (each) => (each.unsure && each.doubted ? undefined : this.#sameAs(each))), // what is known of it may be another's
      );
    return true;
  }

  #goOn(outlet: Outlet, before: Remembered, { told, doubted }: Recalled): void {
    outlet.resume(told, doubted);
    outlet.resumeUnread(concernsOf(before, told));
  }

  /** What exists is what did when it was told last: what is at a path is what it was told of there, or the kernel will say so. */
  #join(outlet: Outlet, before: Remembered): void {
    const { replay } = this.#host;
    const others: KnownDevice[] = []; // or the same
    const surely: KnownDevice[] = [];
    const recalled = recall(before.told, (each) => {
      const same = this.#sameAs(each);
      const other = same ? undefined : this.#otherAt(each);
      if (same && each.unsure && same.netns === undefined) (replay.hadReadAll ? surely : others).push(same);
      if (other) (this.#mayBe(other, each, before.at) ? others : surely).push(other);
      return same ?? other;
    });
    for (const device of recalled.told.keys()) replay.revive(device, this.#parts.subscriber);
    this.#goOn(outlet, before, recalled);
    const doubt = (devices: readonly KnownDevice[]): void => {
      for (const device of devices) outlet.doubt({ device, devpath: device.devpath, doubt: "existence" });
    };
    doubt(surely); // until the kernel says that the other one goes: that may have waited, and be lost
    const taken = others.map((device) => [device, device.devpath] as const);
    replay.trust({
      onLost: () => doubt(others.filter((device) => outlet.hasTold(device))),
      onKept: () => {
        for (const [device, devpath] of taken)
          if (!device.unsure && outlet.hasTold(device, devpath)) outlet.account?.isSure(devpath);
      },
    });
  }

  /** It may be the same device after all, and if it is not, the kernel will say so. */
  #mayBe(there: KnownDevice, told: ToldDevice, at: number): boolean {
    return this.#host.replay.hasAllBehind(at) && there.is(told) && this.#parts.nameOf?.(there) === told.name;
  }

  /** Net devices may be of another netns, whose source nobody kept; and of what it may not see it hears nothing. */
  #otherAt({ devpath, subsystem }: ToldDevice): KnownDevice | undefined {
    const there = this.#host.find(devpath, undefined);
    if (there?.devpath !== devpath || there.subsystem !== subsystem || there.netns !== undefined) return undefined;
    const { replay, selection } = this.#host;
    return replay.hasRevived(there) || selection.sees(this.#parts.subscriber, there) ? there : undefined;
  }

  /** What is closed from now on is remembered. */
  end(): void {
    this.#journal?.end();
  }

  /** @param keeps for the next relay */
  close(keeps: boolean): void {
    this.#journal?.close(keeps);
  }

  /** The very same device, under the same name. */
  #sameAs(told: ToldDevice): KnownDevice | undefined {
    const device = this.#host.find(told.devpath, this.#parts.subscriber.netns);
    if (!device?.is(told) || this.#parts.nameOf?.(device) !== told.name) return undefined;
    return told.unsure && device.state !== told.state ? undefined : device; // who came later has other numbers
  }

  #trouble(trouble: "damaged" | BridgeError): void {
    const { name, onWarning } = this.#parts;
    onWarning(trouble === "damaged" ? forgotten(name) : trouble);
  }
}

/** What who lost something may not know: each path with the device that was last said to be there, or to have gone. */
function concernsOf({ unread }: Remembered, told: ReadonlyMap<KnownDevice, string>): readonly Concern[] {
  const devices = new Map([...told].map(([device, devpath]) => [devpath, device]));
  return unread.map((each) => ({
    device: devices.get(each.devpath) ?? ghostOf(each, each.name),
    devpath: each.devpath,
    doubt: "existence",
  }));
}
