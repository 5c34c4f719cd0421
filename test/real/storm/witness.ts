import { History } from "../../../packages/relay/test/history.js";
import { isAtOrBelow } from "../../../packages/relay/test/world.js";
import type { Hearer } from "../listener.js";
import { isOfObject, latin1 } from "../listener.js";
import type { Devices } from "./truth.js";

/** A listener that knows what it was told, and whether that could have happened. */
export class Witness implements Disposable {
  readonly #hearer: Hearer;
  readonly #history: History;
  readonly #properties = new Map<string, ReadonlyMap<string, string>>();
  readonly #faults: string[] = [];
  /** Datagrams that it heard. */
  heard = 0;

  /** @param numbered true if each datagram has a SEQNUM that the relay gave it */
  constructor(hearer: Hearer, numbered: boolean) {
    this.#hearer = hearer;
    this.#history = new History(numbered);
  }

  get overruns(): number {
    return this.#hearer.overruns;
  }

  pause(): void {
    this.#hearer.pause();
  }

  resume(): void {
    this.#hearer.resume();
  }

  /** What could not have happened of what it was told. */
  faults(): readonly string[] {
    this.#listen();
    return [...this.#history.faults, ...this.#faults];
  }

  /** What it was told that is there, with what it was told last of these properties of it. */
  known(there: Devices): Devices {
    this.#listen();
    const told = [...this.#history.told.keys()].toSorted();
    return new Map(
      told.map((devpath) => {
        const properties = this.#properties.get(devpath);
        const keys = (there.get(devpath) ?? []).map((line) => line.slice(0, line.indexOf("=")));
        return [devpath, keys.map((key) => `${key}=${properties?.get(key) ?? ""}`)];
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#hearer.close();
  }

  #listen(): void {
    for (const bytes of this.#hearer.heard.splice(0)) if (!isOfObject(bytes)) this.#hear(bytes);
  }

  #hear(bytes: Uint8Array): void {
    this.heard++;
    const pairs = latin1(bytes).split("\0").slice(1, -1);
    const env = new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
    const devpath = env.get("DEVPATH") ?? "";
    if (env.get("ACTION") === "add") this.#checkOrder(devpath);
    this.#history.hear(bytes);
    this.#properties.set(devpath, env);
  }

  #checkOrder(devpath: string): void {
    const below = [...this.#history.told.keys()].filter((each) => each !== devpath && isAtOrBelow(each, devpath));
    if (below.length > 0) this.#faults.push(`add@${devpath}: after ${below.join()}`);
  }
}
