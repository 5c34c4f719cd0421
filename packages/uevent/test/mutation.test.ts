import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  type MalformedReason,
  MALFORMED_SENTENCES,
  check,
  decode,
  decodeUdev,
  encodeEvent,
  encodeUdev,
  isMalformed,
} from "@uevent-bridge/uevent";

import { bytesOf, latin1Of } from "./bytes.js";
import { corpus } from "./corpus.js";
import { mutated, refit } from "./mutation.js";

const TIMEOUT_MS = 60_000;
const SEED = 20_250_101; // so that the run which reaches every reason is always the same
const REASONS = Object.keys(MALFORMED_SENTENCES) as MalformedReason[];
const ONLY_UDEV = REASONS.filter((reason) => /^udev-|^no-seqnum|^zero-seqnum/.test(reason));
const ONLY_KERNEL: readonly MalformedReason[] = ["no-at", "action-differs", "devpath-differs"];

describe("mutations of the recorded datagrams", () => {
  it(
    "of the kernel reach every reason, and what is accepted encodes back",
    () => {
      const seen = new Set<string>();
      fc.assert(
        fc.property(mutated(corpus("kernel").map(latin1Of)), (text) => {
          const event = decode(bytesOf(text));
          const wrong = isMalformed(event) ? event : check(event);
          if (wrong) seen.add(wrong.malformed);
          if (isMalformed(event) || wrong || event.seqnumStart < 0 || !text.includes("\0SUBSYSTEM=")) return;
          const { action, devpath, subsystem, state, seqnum } = event;
          if (text.slice(event.seqnumStart).startsWith("0")) return; // a number loses zeros in front
          const again = decode(encodeEvent(action, devpath, subsystem, state, seqnum));
          expect(again).toMatchObject({ action, devpath, subsystem, state, seqnum });
        }),
        { seed: SEED, numRuns: 10_000 },
      );
      expect([...seen].sort()).toEqual(REASONS.filter((reason) => !ONLY_UDEV.includes(reason)).sort());
    },
    TIMEOUT_MS,
  );

  it(
    "of udevd reach every reason, and what is accepted encodes back byte for byte",
    () => {
      const seen = new Set<string>();
      fc.assert(
        fc.property(mutated(corpus("udev").map(latin1Of)), fc.boolean(), (mutant, isRefit) => {
          const text = isRefit ? refit(mutant) : mutant;
          const message = decodeUdev(bytesOf(text));
          if (isMalformed(message)) seen.add(message.malformed);
          else expect(latin1Of(encodeUdev(message.properties))).toBe(text);
        }),
        { seed: SEED, numRuns: 10_000 },
      );
      expect([...seen].sort()).toEqual(REASONS.filter((reason) => !ONLY_KERNEL.includes(reason)).sort());
    },
    TIMEOUT_MS,
  );
});
