import type { SysDirectory } from "@uevent-bridge/kernel";
import { decode, isMalformed } from "@uevent-bridge/uevent";

import type { Datagram } from "../datagram.js";
import { payload } from "../datagram.js";
import type { KnownDevice } from "../known-device.js";
import type { Concern, Move } from "../concern.js";
import type { View } from "../view.js";
import { Outlet } from "../outlet.js";

export interface SysOptions {
  readonly directory: SysDirectory;
  /** Whether the container may see a device. */
  readonly sees: (device: KnownDevice) => boolean;
  /** The attributes of a device that may be written. */
  readonly writableOf: (device: KnownDevice) => readonly string[];
  /** Something could not be shown or taken away. */
  readonly onTrouble: (error: unknown) => void;
}

/** What a container has of its devices in its `/sys`. It is told before all who speak of them, and never waits. */
export class SysOutlet extends Outlet {
  override readonly isKeptHere = true;
  readonly #options: SysOptions;
  readonly #shown = new Map<KnownDevice, readonly string[]>(); // with their attributes that may be written
  readonly #leaving: string[] = []; // devpaths that are hidden together
  #isCatchingUp = false;
  #isComplete = false;

  constructor(view: View, options: SysOptions) {
    super(view);
    this.#options = options;
  }

  protected readonly idle = true;

  protected accept(datagram: Datagram, concern: Concern | undefined): boolean {
    const event = decode(payload(datagram));
    if (concern && !isMalformed(event)) this.#follow(event.action, concern);
    return true;
  }

  override catchUp(): void {
    this.#isCatchingUp = true;
    super.catchUp();
    this.#isCatchingUp = false;
    this.#hideLeaving();
  }

  /** Something came below a device that is shown, and is not to be seen. */
  override unseen(device: KnownDevice): void {
    this.#tried(() => this.#options.directory.hide(device.devpath));
  }

  /** The rules say other words than before. */
  refresh(): void {
    for (const device of this.#shown.keys()) this.#write(device);
  }

  flush(): void {
    // nothing waits
  }

  close(): void {
    const { directory } = this.#options;
    this.#tried(() => directory.hide(...Array.from(this.#shown.keys(), ({ devpath }) => devpath)));
    this.#tried(() => directory.close());
  }

  protected override caughtUp(): void {
    this.#hideLeaving();
    for (const device of this.#shown.keys()) for (const below of this.#unseenBelow(device)) this.unseen(below);
    if (!this.#isComplete) this.#tried(() => this.#options.directory.forgetOthers());
    this.#isComplete = true;
  }

  protected override tookAlong({ left }: Move): void {
    this.#leaving.push(...left.map(({ devpath }) => devpath));
    this.#hideLeaving();
    for (const { device } of left) this.#show(device);
  }

  #follow(action: string, { device, devpath }: Concern): void {
    if (device.netns !== undefined) return; // its netns shows it
    if (action === "add") this.#show(device);
    if (action !== "remove") return;
    this.#shown.delete(device);
    this.#leaving.push(devpath);
    if (!this.#isCatchingUp) this.#hideLeaving();
  }

  #show(device: KnownDevice): void {
    this.#hideLeaving();
    const without = Array.from(this.#unseenBelow(device), ({ devpath }) => devpath);
    this.#tried(() => this.#options.directory.show(device.devpath, without));
    this.#shown.set(device, []);
    this.#write(device);
  }

  #write(device: KnownDevice): void {
    const { directory, writableOf } = this.#options;
    const [before, wanted] = [this.#shown.get(device) ?? [], writableOf(device)];
    this.#shown.set(device, wanted);
    if (before.some((attribute) => !wanted.includes(attribute))) this.#showAnew(device);
    for (const attribute of wanted) this.#tried(() => directory.writable(device.devpath, attribute));
  }

  #showAnew(device: KnownDevice): void {
    this.#tried(() => this.#options.directory.hide(device.devpath));
    const without = Array.from(this.#unseenBelow(device), ({ devpath }) => devpath);
    this.#tried(() => this.#options.directory.show(device.devpath, without));
  }

  /** The highest of those below a device that are not to be seen. */
  *#unseenBelow(device: KnownDevice): Generator<KnownDevice> {
    const { sees } = this.#options;
    for (const below of device.node.devices())
      if (below !== device && !sees(below) && (!below.parent || sees(below.parent))) yield below;
  }

  #hideLeaving(): void {
    const leaving = this.#leaving.splice(0);
    if (leaving.length > 0) this.#tried(() => this.#options.directory.hide(...leaving));
  }

  #tried(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onTrouble(error);
    }
  }
}
