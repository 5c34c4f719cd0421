import fc from "fast-check";
import { expect, test } from "vitest";

import { decodeWire } from "../src/wire.js";
import { deviceDatagrams } from "./support/corpus.js";
import { hello, pack, synced } from "./support/messages.js";

const recorded = deviceDatagrams("guest-usb-kbd.bin");

const messages = fc.array(
  fc.oneof(
    fc.constant(hello),
    fc.constant(synced),
    fc.record({ kind: fc.constant("gap"), lost: fc.oneof(fc.nat(), fc.constant("unknown")) }),
    fc.record({ kind: fc.constant("event"), seq: fc.nat(), bytes: fc.constantFrom(...recorded) }),
  ),
  { minLength: 1, maxLength: 8 },
);

interface Mutation {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(4096),
  remove: fc.nat(8),
  insert: fc.uint8Array({ maxLength: 8 }),
});

function mutated(bytes: Uint8Array, { at, remove, insert }: Mutation): { bytes: Uint8Array; at: number } {
  const from = at % bytes.length;
  return { bytes: Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)]), at: from };
}

test("what is encoded is decoded", () => {
  fc.assert(
    fc.property(messages, (said) => {
      expect(decodeWire(pack(...said))).toMatchObject(
        said.map((message) => ("bytes" in message ? { ...message, bytes: Buffer.from(message.bytes) } : message)),
      );
    }),
  );
});

test("a mutated datagram never throws, and what was whole before the mutation is decoded", () => {
  const seen = { damaged: 0, whole: 0 };
  fc.assert(
    fc.property(messages, mutation, (said, change) => {
      const { bytes, at } = mutated(pack(...said), change);
      const decoded = decodeWire(bytes);
      const untouched = countWithin(said, at);
      expect(decoded.slice(0, untouched).map(({ kind }) => kind)).toEqual(
        said.slice(0, untouched).map(({ kind }) => kind),
      );
      seen[decoded.at(-1)?.kind === "damaged" ? "damaged" : "whole"]++;
    }),
    { numRuns: 2000 },
  );
  expect(seen.damaged).toBeGreaterThan(100); // the mutations do find what is wrong
  expect(seen.whole).toBeGreaterThan(100);
});

test("random bytes never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decodeWire(bytes);
    }),
    { numRuns: 5000 },
  );
});

/** How many of the messages end before this byte. */
function countWithin(said: readonly object[], at: number): number {
  let end = 0;
  const index = said.findIndex((message) => (end += pack(message).length) > at);
  return index < 0 ? said.length : index;
}
