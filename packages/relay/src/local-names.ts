import { deviceNameParts } from "@uevent-bridge/kernel";
import { fromText, toText } from "@uevent-bridge/uevent";

import { leastWordsFor } from "./claiming.js";
import { BridgeError } from "./errors.js";
import type { KnownDevice } from "./known-device.js";
import type { Selection, Subscriber } from "./selection.js";

type Named = Subscriber & { readonly name: string };

/** What the node of a device is called in a container, if that is not what the kernel calls it: latin1, below `/dev`. */
export function localNames(
  selection: Selection,
  container: Named,
  onWarning: (warning: BridgeError) => void,
): (device: KnownDevice) => string | undefined {
  const names = new LocalNames(selection, container, onWarning);
  return (device) => (selection.namesNodes ? names.of(device) : undefined);
}

/** How one container calls the nodes of its devices: by `as=`, or as the kernel does. Latin1, below `/dev`. */
class LocalNames {
  readonly #selection: Selection;
  readonly #subscriber: Named;
  readonly #onWarning: (warning: BridgeError) => void;
  /** What each is called for as long as it is there; undefined: as the kernel does. */
  readonly #names = new WeakMap<KnownDevice, string | undefined>();
  readonly #owners = new Map<string, KnownDevice>();

  constructor(selection: Selection, subscriber: Named, onWarning: (warning: BridgeError) => void) {
    this.#selection = selection;
    this.#subscriber = subscriber;
    this.#onWarning = onWarning;
  }

  /** Its name there, if that is not the kernel's. */
  of(device: KnownDevice): string | undefined {
    if (!this.#names.has(device)) this.#names.set(device, this.#nameOf(device));
    return this.#names.get(device);
  }

  #nameOf(device: KnownDevice): string | undefined {
    const own = device.properties.get("DEVNAME");
    if (own === undefined) return undefined;
    const wanted = this.#wantedFor(device);
    if (wanted !== undefined && wanted !== own && this.#take(wanted, device)) return wanted;
    if (isThere(device)) this.#take(own, device);
    return undefined;
  }

  /** The first has it, for as long as it is seen. */
  #take(name: string, device: KnownDevice): boolean {
    const owner = this.#owners.get(name);
    const isOthers = owner !== undefined && owner !== device && this.#isSeen(owner);
    if (isOthers) this.#onWarning(nameInUse(this.#subscriber.name, toText(name), device, owner));
    else this.#owners.set(name, device);
    return !isOthers;
  }

  #isSeen(device: KnownDevice): boolean {
    return isThere(device) && this.#selection.sees(this.#subscriber, device);
  }

  #wantedFor(device: KnownDevice): string | undefined {
    const { as } = leastWordsFor(this.#subscriber, device); // that rules differ is said where all words are asked for
    const name = as === undefined ? undefined : fromText(as);
    if (name === undefined || deviceNameParts(name)) return name;
    this.#onWarning(noName(this.#subscriber.name, name));
    return undefined;
  }
}

function isThere(device: KnownDevice): boolean {
  return device.node.device === device;
}

function nameInUse(container: string, name: string, device: KnownDevice, owner: KnownDevice): BridgeError {
  const message = `${container}: ${device.devpath} is not /dev/${name}, since ${owner.devpath} is`;
  return new BridgeError("POLICY_CONFLICT", message, { remedy: "Give one of them another name by as=." });
}

function noName(container: string, name: string): BridgeError {
  const message = `${container}: a node cannot be named ${name.slice(0, 100)}`;
  return new BridgeError("POLICY_CONFLICT", message, { remedy: "Give a shorter name by as=, of at most 8 parts." });
}
