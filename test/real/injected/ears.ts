import { chownSync } from "node:fs";

import { History } from "../../../packages/relay/test/history.js";
import { UID_BASE } from "../container.js";
import { isOfObject, openListener, openReader } from "../listener.js";
import type { Hearer } from "../listener.js";

/** Who is told in the container, and what he made of it. */
export class Ears implements Disposable {
  readonly #socket: Hearer;
  readonly #netlink: Hearer;
  readonly #histories = [new History(true), new History(false)] as const;

  constructor(socket: string, pid: number) {
    this.#socket = openListener(socket);
    this.#netlink = openReader(pid);
    chownSync(socket, UID_BASE, UID_BASE);
  }

  get told(): readonly string[] {
    this.#hear();
    return [...this.#histories[0].told.keys()].toSorted();
  }

  /** By netlink; of the container's own devices its kernel says there what there is. */
  get injected(): readonly string[] {
    this.#hear();
    return [...this.#histories[1].told.keys()].toSorted();
  }

  /** Since the last time; what was told twice is none where it was said that it cannot be known. */
  faults(isForgotten: boolean): readonly string[] {
    this.#hear();
    const faults = this.#histories.flatMap(({ faults: found }) => found.splice(0));
    return isForgotten ? faults.filter((fault) => !/told twice|SEQNUM/.test(fault)) : faults;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
    this.#netlink.close();
  }

  #hear(): void {
    for (const bytes of this.#socket.heard.splice(0)) if (!isOfObject(bytes)) this.#histories[0].hear(bytes);
    for (const bytes of this.#netlink.heard.splice(0))
      if (Buffer.from(bytes).includes("\0SUBSYSTEM=block\0")) this.#histories[1].hear(bytes);
  }
}

/** Then who was told what is not known to the next relay. */
export const isAboutJournal = ({ message }: { readonly message: string }): boolean =>
  /cannot be written down|what a relay before told/.test(message);
