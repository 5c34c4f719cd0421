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
    const isLost = !replay.hasAllBehind(before.at); // what had waited for the receiver
    const trusted: KnownDevice[] = [];
    const doubted: (readonly [there: KnownDevice, told: KnownDevice])[] = [];
    const recalled = recall(before.told, (each) => {
      const same = this.#sameAs(each);
      const there = same ?? this.#otherAt(each);
      if (!there || (same && (!each.unsure || same.netns !== undefined))) return there;
      if (!isLost && there.is(each)) trusted.push(there);
      else doubted.push([there, ghostOf(each, each.name)]); // until the kernel says that the one that was told goes
      return there;
    });
    for (const device of recalled.told.keys()) replay.revive(device, this.#parts.subscriber);
    this.#goOn(outlet, before, recalled);
    const doubt = (device: KnownDevice, was?: KnownDevice): void =>
      outlet.doubt({ device, devpath: device.devpath, doubt: "existence" }, was);
    for (const each of doubted) doubt(...each);
    const lives = trusted.map((device) => [device, device.life, device.devpath] as const);
    for (const device of trusted) replay.doubt(device); // nobody is surer of it
    replay.presume({
      onLost: () => trusted.filter((device) => outlet.hasTold(device)).forEach((device) => doubt(device)),
      onAllSaid: () => {
        for (const [device, life, devpath] of lives)
          if (device.life === life && this.#host.find(devpath, undefined) === device) outlet.account?.sure(devpath);
      },
    });
  }

  /** Net devices may be of another netns, whose source nobody kept; of what it may not see it hears nothing; and one that goes by another name goes by it. */
  #otherAt({ devpath, subsystem, name }: ToldDevice): KnownDevice | undefined {
    const there = this.#host.find(devpath, undefined);
    if (there?.devpath !== devpath || there.subsystem !== subsystem || there.netns !== undefined) return undefined;
    const { replay, selection } = this.#host;
    const isHeard = replay.hasRevived(there) || selection.sees(this.#parts.subscriber, there);
    return isHeard && this.#parts.nameOf?.(there) === name ? there : undefined;
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
