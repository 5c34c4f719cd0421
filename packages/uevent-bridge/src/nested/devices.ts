import type { DeviceTree, RawDevice, UdevRecord } from "@uevent-bridge/kernel";
import type { Listener } from "@uevent-bridge/listener";
import type { Uevent } from "@uevent-bridge/uevent";
import { decode, isMalformed } from "@uevent-bridge/uevent";

/** The incarnation of a device that this container's `/sys` does not show. */
const UNSEEN = "unseen";

/**
 * The devices that a relay outside tells of, and no others that `/sys` may show here. `/sys` says what they are like; where it does
 * not show one, what was told of it does.
 */
export class ToldDevices implements DeviceTree {
  readonly #sys: DeviceTree;
  readonly #listener: Listener;

  constructor(sys: DeviceTree, listener: Listener) {
    this.#sys = sys;
    this.#listener = listener;
  }

  async enumerate(): Promise<readonly RawDevice[]> {
    const shown = new Map((await this.#sys.enumerate()).map((device) => [device.devpath, device]));
    const told = [...this.#listener.devices.keys()].sort(); // a parent's path is the beginning of its child's
    return told.map((devpath) => shown.get(devpath) ?? this.read(devpath)).filter((device) => device !== undefined);
  }

  read(devpath: string): RawDevice | undefined {
    const told = this.#listener.devices.get(devpath);
    return told && (this.#sys.read(devpath) ?? asTold(devpath, told));
  }

  incarnation(devpath: string): string | undefined {
    return this.#isTold(devpath) ? (this.#sys.incarnation(devpath) ?? UNSEEN) : undefined;
  }

  isSubsystem(name: string): boolean {
    return this.#sys.isSubsystem(name) || [...this.#listener.devices.values()].some((told) => told.subsystem === name);
  }

  async attribute(devpath: string, name: string, timeoutMs: number): Promise<Uint8Array | undefined> {
    return this.#isTold(devpath) ? this.#sys.attribute(devpath, name, timeoutMs) : undefined;
  }

  udev(device: RawDevice): UdevRecord | undefined {
    return this.#isTold(device.devpath) ? this.#sys.udev(device) : undefined;
  }

  close(): void {
    void this.#listener.close();
    this.#sys.close();
  }

  #isTold(devpath: string): boolean {
    return this.#listener.devices.has(devpath);
  }
}

/** Its path is not the event's if something above it was moved since. */
function asTold(devpath: string, { subsystem, bytes }: Uevent): RawDevice {
  const event = decode(bytes);
  const state = isMalformed(event) ? "" : event.state;
  return { devpath, subsystem, uevent: Buffer.from(state.replaceAll("\0", "\n"), "latin1"), incarnation: UNSEEN };
}
