import type { KnownDevice } from "./known-device.js";

/** What an event did to what exists. */
export type Transition =
  /** A device came: tell the event's bytes. */
  | { readonly kind: "added"; readonly device: KnownDevice }
  /** A device is there of which nobody knew: the event is not its first, tell an `add` of our own. */
  | { readonly kind: "appeared"; readonly device: KnownDevice; readonly unsaid?: readonly KnownDevice[] }
  /** These devices went; the event speaks of the last one, those before it went unsaid. */
  | { readonly kind: "removed"; readonly device: KnownDevice; readonly unsaid: readonly KnownDevice[] }
  /** Another device is at this path now; those that were at and below it went unsaid. */
  | { readonly kind: "replaced"; readonly device: KnownDevice; readonly unsaid: readonly KnownDevice[] }
  | { readonly kind: "moved"; readonly device: KnownDevice; readonly from: string }
  /** Any other event; `as`: the action to tell it with, where its own would be no possible history. */
  | {
      readonly kind: "said";
      readonly device: KnownDevice;
      readonly changed: boolean;
      readonly as?: "change";
      readonly unsaid?: readonly KnownDevice[];
    }
  /** Its `add`, which was told already because it was found in `/sys` before. */
  | { readonly kind: "known"; readonly device: KnownDevice }
  /** An object below a device that is no device itself, such as a queue of a net device. */
  | { readonly kind: "object"; readonly device: KnownDevice }
  | {
      readonly kind: "ignored";
      readonly reason: "not-a-device" | "absent";
      readonly unsaid?: readonly KnownDevice[];
    };
