import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { type Record, readRecords } from "@uevent-bridge/uevent/testing";

import { latin1Of } from "../bytes.js";

const file = readFileSync(new URL("../../../../test/corpus/guest-dm.bin", import.meta.url));

describe("readRecords", () => {
  it("gives each datagram with what the socket said of it", () => {
    const records = readRecords(file);
    expect(records.length).toBe(12);
    const { bytes, time, ...sender } = records[0] as Record;
    expect(latin1Of(bytes)).toMatch(/^add@\/.*\0$/);
    expect(new Date(Number(time / 1_000_000n)).getUTCFullYear()).toBeGreaterThan(2020);
    expect(sender).toEqual({ portId: 0, groups: 1, pid: 0, uid: 0, gid: 0, overrun: false });
  });

  it("reads a part of a buffer", () => {
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(readRecords(shifted.subarray(3)).length).toBe(12);
  });

  it("says that an overrun came before", () => {
    const copy = new Uint8Array(file);
    copy[36] = 1;
    expect(
      readRecords(copy)
        .map(({ overrun }) => overrun)
        .slice(0, 2),
    ).toEqual([true, false]);
  });

  it.each([
    ["is no such file", new Uint8Array(50)],
    ["is cut off in a datagram", file.subarray(0, -1)],
    ["is cut off in a header", file.subarray(0, 20)],
  ])("throws for what %s", (_, bytes) => {
    expect(() => readRecords(bytes)).toThrow(RangeError);
  });

  it("has nothing to read in an empty file", () => {
    expect(readRecords(new Uint8Array())).toEqual([]);
  });
});
