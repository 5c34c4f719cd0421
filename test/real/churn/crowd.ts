import { rmSync } from "node:fs";
import { join } from "node:path";

import { History } from "../../../packages/relay/test/history.js";
import type { Hearer } from "../listener.js";
import { isOfObject, openListener } from "../listener.js";

const AT_MOST = 5;

interface Member {
  readonly path: string;
  readonly hearer: Hearer;
  readonly history: History;
  /** How much of what it heard its history has. */
  known: number;
}

/** Listeners of one container, which come, go and stall. */
export class Crowd implements Disposable {
  readonly #directory: string;
  readonly #members: Member[] = [];
  #names = 0;

  constructor(directory: string) {
    this.#directory = directory;
    this.come();
  }

  come(): void {
    if (this.#members.length >= AT_MOST) return;
    const path = join(this.#directory, `${this.#names++}.sock`);
    this.#members.push({ path, hearer: openListener(path), history: new History(true), known: 0 });
  }

  /** It dies; its socket's file may stay. */
  go(index: number): void {
    if (this.#members.length < 2) return;
    const [gone] = this.#members.splice(index % this.#members.length, 1);
    gone?.hearer.close();
    if (gone && index % 2 === 0) rmSync(gone.path);
  }

  stall(index: number): void {
    this.#members[index % this.#members.length]?.hearer.pause();
  }

  wake(): void {
    for (const { hearer } of this.#members) hearer.resume();
  }

  /** What each knows. */
  told(): string[][] {
    return this.#members.map((member) => {
      const { hearer, history } = member;
      for (const bytes of hearer.heard.slice(member.known)) if (!isOfObject(bytes)) history.hear(bytes);
      member.known = hearer.heard.length;
      return [...history.told.keys()].toSorted();
    });
  }

  /** Where what they were told is no history that could have happened. */
  faults(): string[] {
    return this.#members.flatMap(({ history }) => history.faults);
  }

  [Symbol.dispose](): void {
    for (const { hearer } of this.#members) hearer.close();
  }
}
