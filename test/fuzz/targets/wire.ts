import assert from "node:assert/strict";
import { Packr } from "msgpackr";
import { Numbers } from "../../../packages/listener/src/numbers.js";
import { isHidden, isOurs } from "../../../packages/listener/src/names.js";
import { decodeWire } from "../../../packages/listener/src/wire.js";
import type { WireMessage } from "../../../packages/listener/src/wire.js";
import { holds, text } from "../engine/target.js";
import { main } from "../engine/watch.js";

const packr = new Packr({ useRecords: false, variableMapSize: true });

function packed(messages: readonly unknown[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(messages.map((message) => Buffer.from(packr.pack(message)))));
}

function check(message: WireMessage, datagram: Uint8Array): void {
  if (message.kind !== "event") return;
  const { bytes } = message;
  const isPart =
    bytes.buffer === datagram.buffer && bytes.byteOffset + bytes.length <= datagram.byteOffset + datagram.length;
  holds(isPart || bytes.length <= datagram.length, "an event has bytes of another datagram");
}

main({
  run(bytes) {
    const datagram = Uint8Array.from(bytes);
    const messages = decodeWire(datagram);
    holds(messages.length <= bytes.length + 1, "more messages than bytes");
    holds(
      messages.slice(0, -1).every(({ kind }) => kind !== "damaged"),
      "something follows the damage",
    );
    for (const message of messages) check(message, datagram);
    const whole = messages.filter(({ kind }) => kind !== "damaged");
    if (whole.length > 0) assert.deepEqual(decodeWire(packed(whole)), whole, "packed anew it says something else");
    const numbers = new Numbers();
    for (const message of whole) {
      if (message.kind === "hello") numbers.restart();
      if (message.kind === "gap") numbers.skip(message.lost);
      if (message.kind === "event") holds(numbers.take(message.seq) >= 0, "less than nothing is missing");
    }
    const name = text(bytes);
    if (isOurs(name) || isHidden(name)) holds(!name.includes("/") && name.length < 64, "a name is a path");
  },
  seeds: () => [
    packed([
      { kind: "hello", version: 1 },
      { kind: "event", seq: 1, bytes: Buffer.from("add@/devices/a\0") },
      { kind: "synced" },
    ]),
    packed([
      { kind: "event", seq: 2, bytes: Buffer.from("x"), device: false },
      { kind: "gap", lost: 3 },
      { kind: "gap", lost: "unknown", where: "kernel" },
    ]),
    packed([{ kind: "later", x: [1.5, -1, null, true, new Date(0), 2n ** 60n, new Map([[1, 2]])] }]),
    packed([{ kind: "event", seq: 2 ** 40, bytes: Buffer.alloc(300) }]),
    Uint8Array.of(0xdd, 1, 255, 255, 255, 0xdd, 1, 255, 255, 255),
    Buffer.from("1234567-0123456789ab.msgpack.sock"),
  ],
});
