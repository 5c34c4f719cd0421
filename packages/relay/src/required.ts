import type { CompiledPolicy } from "@uevent-bridge/filter";

import { BridgeError } from "./errors.js";
import type { HeldByOther } from "./held-back.js";
import type { KnownDevice } from "./known-device.js";
import type { Subscriber } from "./selection.js";
import { letGo } from "./warnings.js";

/** A container as far as it is asked whether it has what it needs. */
export interface Needy extends Subscriber {
  readonly name: string;
  readonly policy: CompiledPolicy;
  wanted(): Iterable<KnownDevice>;
  told(): Iterable<KnownDevice>;
}

/** The rules of a container that say `required`, each of which needs a device. */
export class Required {
  readonly #container: Needy;
  readonly #onWarning: (warning: BridgeError) => void;
  #unmet: ReadonlySet<string> = new Set();

  constructor(container: Needy, onWarning: (warning: BridgeError) => void) {
    this.#container = container;
    this.#onWarning = onWarning;
  }

  /** @param held of its rules, what others hold @throws BridgeError PATH_UNUSABLE: one of its first rules needs a device that is not there */
  begin(held: ReadonlyMap<string, HeldByOther>): void {
    const { name } = this.#container;
    const [rule] = this.#unmetBy(() => this.#container.wanted());
    const other = held.get(rule ?? "");
    if (rule !== undefined && other) throw needsHeld(name, rule, other);
    if (rule !== undefined) throw absent(name, rule, "there is no such device");
  }

  /** It was told of other devices than before. */
  check(): void {
    const before = this.#unmet;
    this.#unmet = this.#unmetBy(() => this.#container.told());
    for (const rule of this.#unmet) {
      if (!before.has(rule)) this.#onWarning(absent(this.#container.name, rule, "it has no such device any more"));
    }
  }

  #unmetBy(devices: () => Iterable<KnownDevice>): ReadonlySet<string> {
    const unmet = new Set<string>();
    for (const { words, text } of this.#container.policy.allow) if (words.required) unmet.add(text);
    if (unmet.size === 0) return unmet;
    for (const { picks } of devices()) {
      for (const { allow } of picks) for (const { text } of allow.get(this.#container) ?? []) unmet.delete(text);
    }
    return unmet;
  }
}

function needsHeld(container: string, rule: string, { devpath, holder }: HeldByOther): BridgeError {
  const message = `${container} needs a device by the rule ${rule}, and ${holder} holds ${devpath} alone`;
  return new BridgeError("PATH_UNUSABLE", message, { remedy: `${letGo(devpath, holder)}.` });
}

function absent(container: string, rule: string, what: string): BridgeError {
  const remedy =
    "Plug it in, or take required out of the rule. Which devices there are: uevent-bridge match --allow RULE.";
  return new BridgeError("PATH_UNUSABLE", `${container} needs a device by the rule ${rule}, and ${what}`, { remedy });
}
