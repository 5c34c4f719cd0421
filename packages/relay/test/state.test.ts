import { expect, test } from "vitest";

import { decodeState, encodeState } from "../src/state.js";

const TOLD = { devpath: "/devices/virtual/misc/a", incarnation: "1", subsystem: "misc", state: "MAJOR=10\0MINOR=1\0" };
const GOOD = { boot: "boot", told: [TOLD], allow: [], deny: [], granted: [], revoked: [] };
const DEVICES_MAX = 65_536;

const told = (more: object): object => ({ told: [{ ...TOLD, ...more }] });
const DEVICE = { devpath: "/devices/virtual/misc/a", incarnation: "1" };
const revoked = (count: number): object => ({ revoked: Array.from({ length: count }, () => DEVICE) });
const encoded = (more: object): Uint8Array => encodeState({ ...GOOD, ...more });

test.each([
  ["nothing else", {}],
  ["what a device was called", told({ name: "disk/robot" })],
  ["that it may have been another", told({ unsure: true })],
  ["words of a grant", { granted: [{ devpath: "/devices/a", incarnation: "1", words: { exclusive: true } }] }],
  ["as many devices as may be", revoked(DEVICES_MAX)],
])("a state with %s is read as it was written", (_, more) => {
  expect(decodeState(encoded(more))).toEqual({ ...GOOD, ...more });
});

test.each<readonly [string, object, string]>([
  ["a number for a text", { boot: 7 }, "something is missing"],
  ["no list of rules", { allow: undefined }, "something is missing"],
  ["a word for a list of rules", { deny: "subsystem=block" }, "something is missing"],
  ["nothing for a device", { revoked: [null] }, "something is missing"],
  ["a word for a device", { revoked: ["/devices/a"] }, "something is missing"],
  ["what is no device", { revoked: [{ devpath: "/module/x", incarnation: "1" }] }, '"/module/x" is no devpath'],
  ["more devices than may be", revoked(DEVICES_MAX + 1), "a list of more than 65536"],
  ["a device that is there twice", { told: [TOLD, TOLD] }, "a device is there twice"],
  ["a property that only an event has", told({ state: "A=1\0SEQNUM=1\0" }), "nothing can be said of the device"],
  ["letters that no event has in a property", told({ state: "A=Ā\0" }), "nothing can be said of the device"],
  ["letters that no event has in a path", told({ devpath: "/devices/Ā" }), "nothing can be said of the device"],
  ["what would be another event", told({ subsystem: "a\0ACTION=x" }), "nothing can be said of the device"],
  ["a node outside of /dev", told({ name: "../etc/passwd" }), '"../etc/passwd" is no name of a node'],
  ["a number for a node", told({ name: 7 }), "7 is no name of a node"],
  ["a rule that is none", { allow: ["nonsense=1"] }, "it cannot be read"],
  [
    "words of a grant that are none",
    { granted: [{ devpath: "/devices/a", incarnation: "1", words: { access: "x" } }] },
    "it cannot be read",
  ],
])("a state with %s is damaged, and says so", (_, more, message) => {
  const damaged = { code: "STATE_DAMAGED", message: expect.stringContaining(message) as string };
  expect(() => decodeState(encoded(more))).toThrow(expect.objectContaining(damaged));
});
