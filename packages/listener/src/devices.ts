import type { Uevent } from "@uevent-bridge/uevent";

import type { Change } from "./types.js";

/** What was told and not taken back, and how it differs once the relay has told it anew. */
export class Devices {
  readonly #told = new Map<string, Uevent>();
  /** What was there when the relay began to put things right. */
  #before: ReadonlySet<string> | undefined;
  /** After a hello: what has not been told again. */
  readonly #untold = new Set<string>();

  get view(): ReadonlyMap<string, Uevent> {
    return this.#told;
  }

  /** The relay tells everything anew; until it is through, what was there stays. */
  hello(): void {
    this.gap();
    for (const devpath of this.#told.keys()) this.#untold.add(devpath);
  }

  /** The relay will put right what was lost. */
  gap(): void {
    this.#before ??= new Set(this.#told.keys());
  }

  /** The relay is through. Undefined if there was nothing to put right. */
  synced(): Change | undefined {
    for (const devpath of this.#untold) this.#told.delete(devpath);
    this.#untold.clear();
    const before = this.#before;
    this.#before = undefined;
    return before && difference(before, this.#told);
  }

  apply(event: Uevent): void {
    const from = event.action === "move" ? event.env.get("DEVPATH_OLD") : undefined;
    if (event.action === "remove") return this.#remove(event.devpath);
    if (from !== undefined) this.#move(from, event.devpath);
    this.#set(event.devpath, event);
  }

  #set(devpath: string, event: Uevent): void {
    this.#told.set(devpath, event);
    this.#untold.delete(devpath);
  }

  #remove(devpath: string): void {
    for (const each of this.#atOrBelow(devpath)) {
      this.#told.delete(each);
      this.#untold.delete(each);
    }
  }

  /** Those below a moved device move with it and get no event of their own. */
  #move(from: string, to: string): void {
    for (const each of this.#atOrBelow(from)) {
      const devpath = to + each.slice(from.length);
      const event = this.#told.get(each);
      this.#told.delete(each);
      if (event) this.#told.set(devpath, event);
      if (this.#untold.delete(each)) this.#untold.add(devpath);
    }
  }

  #atOrBelow(devpath: string): string[] {
    return [...this.#told.keys()].filter((each) => each === devpath || each.startsWith(`${devpath}/`));
  }
}

function difference(before: ReadonlySet<string>, now: ReadonlyMap<string, Uevent>): Change {
  return {
    added: [...now.keys()].filter((devpath) => !before.has(devpath)),
    removed: [...before].filter((devpath) => !now.has(devpath)),
  };
}
