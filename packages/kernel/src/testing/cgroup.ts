import type { Access, DeviceNumber } from "../device-rights.js";
import { covers, isWithin, readLine, writeNumber } from "./device-lines.js";
import type { DeviceLine } from "./device-lines.js";
import type { Mortal } from "./world.js";

/** A cgroup of the fake machine: what the programs in it may open. */
export class FakeCgroup {
  readonly path: string;
  /** How many numbers can be granted. Default: no end. */
  room = Infinity;
  /** The relay that says what they may open. */
  holder: Mortal | undefined;
  readonly #granted = new Map<string, DeviceLine>();
  #runtime: readonly DeviceLine[] | undefined;
  /** What those above it may open. */
  #above: readonly DeviceLine[] | undefined;
  #inForce = false;
  /** Nobody had said anything, and it is not known yet what is granted. */
  #isOpen = false;
  #isGone = false;
  #frozenBy: "runtime" | "relay" | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** True if a runtime has said what they may open. */
  get isSpoken(): boolean {
    return this.#runtime !== undefined;
  }

  /** True when its runtime has removed it. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** What is granted, by a killed relay too, in its order: `c 1:5 rw`. */
  get granted(): readonly string[] {
    return Array.from(this.#granted, ([number, { access }]) => `${number} ${access}`);
  }

  /** False where nothing that is granted is asked for: no relay has been here, or a runtime has spoken since. */
  get inForce(): boolean {
    return this.#inForce;
  }

  /** A runtime says what may be opened, as in `devices.allow`; what is granted is not in force until it is held again. */
  allow(...lines: readonly string[]): void {
    this.#runtime = lines.map(readLine);
    this.#inForce = false;
  }

  /** The cgroup above it may open these alone from now on. */
  restrict(...lines: readonly string[]): void {
    this.#above = lines.map(readLine);
  }

  /** True if the cgroup above it lets a device through. */
  isLetThrough(line: string): boolean {
    const { number, access } = readLine(line);
    return this.#above?.some((each) => covers(each.number, number) && isWithin(access, [each.access])) ?? true;
  }

  /** Whether a program in it may open a device, or make its node: `c 1:5 rw`. */
  mayOpen(line: string): boolean {
    if (!this.isLetThrough(line)) return false;
    const { number, access } = readLine(line);
    const covering = (lines: Iterable<DeviceLine>): Access[] =>
      [...lines].filter((each) => covers(each.number, number)).map((each) => each.access);
    const granted = this.#inForce ? covering(this.#granted.values()) : [];
    if (this.#inForce && (this.#isOpen || isWithin(access, granted))) return true;
    if (this.#runtime === undefined) return !this.#inForce;
    return covering(this.#runtime).some((each) => isWithin(access, [each, ...granted]));
  }

  /** Who keeps a program in it from that, in a few words. */
  refuserOf(line: string): string | undefined {
    if (this.#isGone || this.mayOpen(line)) return undefined;
    const above = this.path.slice(0, this.path.lastIndexOf("/"));
    return `the cgroup ${this.isLetThrough(line) ? this.path : above}`;
  }

  /** True while its programs stand still. */
  get isFrozen(): boolean {
    return this.#frozenBy !== undefined;
  }

  /** Its runtime has its programs stand still, as `docker pause` does. */
  freeze(): void {
    this.#frozenBy ??= "runtime";
  }

  /** Its runtime has them go on. */
  thaw(): void {
    this.#frozenBy = undefined;
  }

  freezeByRelay(): void {
    this.#frozenBy ??= "relay";
  }

  thawByRelay(): void {
    if (this.#frozenBy === "relay") this.#frozenBy = undefined;
  }

  /** Its runtime removes it. */
  remove(): void {
    this.#isGone = true;
  }

  /** A relay begins: where nobody had said anything, everything may be opened until it is known what is granted. */
  begin(): void {
    this.#isOpen ||= this.#runtime === undefined && !this.#inForce;
    this.enforce();
  }

  enforce(): void {
    this.#inForce = true;
  }

  /** False if there is no room. */
  grant(number: DeviceNumber, access: Access): boolean {
    const key = writeNumber(number);
    if (!this.#granted.has(key) && this.#granted.size >= this.room) return false;
    this.#granted.set(key, { number, access });
    return true;
  }

  revoke(number: DeviceNumber): void {
    this.#granted.delete(writeNumber(number));
  }

  /** Revokes all but those of these numbers. */
  keep(numbers: ReadonlySet<string>): void {
    this.#isOpen = false;
    for (const key of this.#granted.keys()) if (!numbers.has(key)) this.#granted.delete(key);
  }

  /** As if no relay had ever been here. */
  restore(): void {
    this.#granted.clear();
    this.#isOpen = false;
    this.#inForce = false;
  }
}
