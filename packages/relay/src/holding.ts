import type { Claimant } from "./claimant.js";
import type { BridgeError } from "./errors.js";
import type { Explained } from "./explain.js";
import { heldBack } from "./held-back.js";
import type { Host } from "./host.js";
import type { KnownDevice } from "./known-device.js";
import type { Needy } from "./required.js";
import { Required } from "./required.js";
import { held, seesNothing } from "./warnings.js";

/** What one container is to hold alone, by its rules and what it is granted, and what it cannot be without. */
export class Holding {
  readonly #host: Host;
  readonly #claimant: Claimant & Explained;
  readonly #required: Required;
  readonly #onWarning: (warning: BridgeError) => void;
  #calls = 1; // that say themselves what cannot be held; the attach is the first

  constructor(host: Host, claimant: Claimant & Needy & Explained, onWarning: (warning: BridgeError) => void) {
    this.#host = host;
    this.#claimant = claimant;
    this.#onWarning = onWarning;
    this.#required = new Required(claimant, onWarning);
  }

  /** It is attached: from now on what it waits for is said as a warning. */
  open(): void {
    this.#calls--;
    this.#host.selection.claims.returned(this.#claimant);
  }

  waits(device: KnownDevice, other: string): void {
    if (this.#calls === 0) this.#onWarning(held(this.#claimant.name, { device, other }));
  }

  /** Its first rules are in force: it is to have what they claim, and what they need. @throws BridgeError HELD, PATH_UNUSABLE, STATE_DAMAGED */
  begin(): void {
    this.#host.selection.claims.resume(this.#claimant);
    this.#take(new Set());
    const heldByOthers = heldBack(this.#claimant, this.#host.allDevices());
    this.#required.begin(heldByOthers);
    for (const [rule, other] of heldByOthers) this.#onWarning(seesNothing(this.#claimant.name, rule, other));
  }

  /** It was told of other devices than before. */
  changed(): void {
    this.#required.check();
  }

  /** Does what may have it claim other devices. @throws BridgeError HELD, STATE_DAMAGED: then it is to be undone */
  async while(work: () => void | Promise<void>, undo: () => void | Promise<void>): Promise<void> {
    const waited = this.#host.selection.claims.waitedFor(this.#claimant);
    this.#calls++;
    try {
      await work();
      this.#take(waited);
    } catch (error) {
      await undo();
      this.#host.selection.claims.review(this.#claimant);
      throw error;
    } finally {
      this.#calls--;
    }
  }

  /** But for what it waited for before. */
  #take(waited: ReadonlySet<KnownDevice>): void {
    this.#host.flush(); // who is to let go of something has
    const conflict = this.#host.selection.claims.ask(this.#claimant, this.#host.allDevices(), waited);
    this.#host.flush();
    if (conflict) throw held(this.#claimant.name, conflict);
  }
}
