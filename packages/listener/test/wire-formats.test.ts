import { readFileSync } from "node:fs";

import { replaceSeqnum, withoutSeqnum } from "@uevent-bridge/uevent";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";

import { decodeWire } from "../src/index.js";
import { datagrams } from "./support/corpus.js";

const PAGE = readFileSync(new URL("../../../docs/wire-formats.md", import.meta.url), "utf8");

const ROW = 16; // bytes; only text fills a row

/** The bytes of the example below a heading. */
function example(heading: string): Buffer {
  const section = PAGE.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  const lines = /```text\n(.*?)```/s.exec(section)?.[1]?.trimEnd().split("\n") ?? [];
  const parts: Buffer[] = [];
  for (const line of lines) {
    expect(line.slice(0, 4)).toBe(Buffer.concat(parts).length.toString(16).padStart(4, "0"));
    parts.push(Buffer.from(line.slice(6, 53).replaceAll(" ", ""), "hex"));
    checkText(line.slice(55), parts.at(-1) ?? Buffer.of());
  }
  return Buffer.concat(parts);
}

/** A line that says its bytes as text says them right. */
function checkText(text: string, bytes: Buffer): void {
  if (bytes.length < ROW && !/^[A-Z_]+=|·$/.test(text)) return;
  expect(text).toBe(bytes.toString("latin1").replace(/[^ -~]/g, "·"));
}

const loop = datagrams("host-loop-ctl-add-remove.bin")[1] ?? Buffer.of();
const zram = datagrams("guestudev-coldplug.bin")[617] ?? Buffer.of();

describe("the example of", () => {
  test("the kernel's form is the recorded datagram", () => {
    expect(example("The kernel's form")).toEqual(loop);
  });

  test("the udev form is the recorded datagram, and its header is explained right", () => {
    const bytes = example("The udev form");
    expect(bytes).toEqual(zram);
    expect([bytes.readUInt32BE(8), bytes.readUInt32LE(12), bytes.readUInt32LE(16)]).toEqual([0xfeedcafe, 40, 40]);
    expect(bytes.readUInt32LE(20)).toBe(bytes.length - 40);
  });

  test("injection is the recorded datagram without SEQNUM behind a header that says its length", () => {
    const bytes = example("Injection");
    expect(bytes.subarray(16)).toEqual(Buffer.from(withoutSeqnum(loop)));
    expect([bytes.readUInt32LE(0), bytes.readUInt16LE(4), bytes.readUInt16LE(6)]).toEqual([bytes.length, 16, 0x1]);
  });

  test("the msgpack form is what msgpackr makes of these messages, and is decoded to them", () => {
    const packr = new Packr({ useRecords: false, variableMapSize: true });
    const messages = [
      { kind: "hello", version: 1 },
      { kind: "event", seq: 1, bytes: replaceSeqnum(loop, 1n) },
      { kind: "synced" },
      { kind: "gap", lost: 3 },
    ];
    const bytes = example("The msgpack form");
    expect(bytes).toEqual(Buffer.concat(messages.map((message) => packr.pack(message))));
    expect(decodeWire(bytes)).toMatchObject(messages.map(({ kind }) => ({ kind })));
  });
});
