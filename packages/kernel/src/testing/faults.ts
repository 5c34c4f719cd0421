/** Calls into the fake kernel in the middle of which something can be made to happen. */
export type Operation =
  | "openSource"
  | "openTarget"
  | "openDirectory"
  | "openUdevDirectory"
  | "openDeviceDirectory"
  | "openSysDirectory"
  | "undo"
  | "openDeviceRights"
  | "put"
  | "show"
  | "hide"
  | "grant"
  | "revoke"
  | "hold"
  | "holders"
  | "endHolders"
  | "freeze"
  | "placeUdev"
  | "placeDevices"
  | "placeSys"
  | "takeAway"
  | "udevInside"
  | "openInjector"
  | "openHelper"
  | "openShadow"
  | "openLedger"
  | "beginLedger"
  | "openDevices"
  | "enumerate"
  | "connect";

/** What is to happen in the middle of the next calls. */
export class Faults {
  readonly #planned = new Map<Operation, (() => void)[]>();

  plan(operation: Operation, happening: () => void): void {
    const planned = this.#planned.get(operation) ?? [];
    this.#planned.set(operation, planned);
    planned.push(happening);
  }

  /** The middle of a call: runs the next thing planned for it, and throws what that throws. */
  hit(operation: Operation): void {
    this.#planned.get(operation)?.shift()?.();
  }
}
