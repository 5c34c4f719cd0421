import { expect, test } from "vitest";
import type { Unsent } from "../../sender.js";
import { connect, fill, stage } from "./lines.js";
import { bytes, range, readAll, text } from "./tools.js";
import type { World } from "./world.js";

/** The promises of `Sender`, on listeners' sockets. */
export function senderCases(world: () => World): void {
  test("datagrams arrive in the order in which they were pushed, each at its own peer", async (context) => {
    const [a, b] = await connect(context, world(), 2);
    const sender = world().kernel.openSender();
    stage(sender, "one");
    sender.push(a.peer);
    sender.push(b.peer);
    stage(sender, "two");
    sender.push(b.peer);
    expect(sender.flush()).toEqual([]);
    expect([await readAll(a.listener), await readAll(b.listener)]).toEqual([["one"], ["one", "two"]]);
  });

  test("stage() copies bytes[start .. end]", async (context) => {
    const [{ peer, listener }] = await connect(context, world(), 1);
    const sender = world().kernel.openSender();
    const memory = bytes("[hello]");
    sender.stage(memory, 1, 6);
    memory.fill(0);
    sender.push(peer);
    sender.flush();
    expect(await readAll(listener)).toEqual(["hello"]);
  });

  test("a number is appended in digits, with a NUL, for that peer alone", async (context) => {
    const [a, b, c] = await connect(context, world(), 3);
    const sender = world().kernel.openSender();
    stage(sender, "SEQNUM=");
    sender.push(a.peer, 0);
    sender.push(b.peer, Number.MAX_SAFE_INTEGER);
    sender.push(c.peer);
    sender.push(a.peer, 4_294_967_296);
    sender.flush();
    expect(await readAll(a.listener)).toEqual(["SEQNUM=0\0", "SEQNUM=4294967296\0"]);
    expect(await readAll(b.listener)).toEqual(["SEQNUM=9007199254740991\0"]);
    expect(await readAll(c.listener)).toEqual(["SEQNUM="]);
  });

  test("push() refuses an empty datagram and what is no count", async (context) => {
    const [{ peer, listener }] = await connect(context, world(), 1);
    const sender = world().kernel.openSender();
    stage(sender, "");
    expect(() => sender.push(peer)).toThrow(RangeError);
    stage(sender, "SEQNUM=");
    for (const number of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => sender.push(peer, number)).toThrow(RangeError);
    expect(sender.flush()).toEqual([]);
    expect(await readAll(listener)).toEqual([]);
  });

  test("nothing is sent before flush(), and nothing twice", async (context) => {
    const [{ peer, listener }] = await connect(context, world(), 1);
    const sender = world().kernel.openSender();
    stage(sender, "once");
    sender.push(peer);
    expect(await readAll(listener)).toEqual([]);
    sender.flush();
    expect(sender.flush()).toEqual([]);
    expect(await readAll(listener)).toEqual(["once"]);
  });

  test("many datagrams to many peers go in one flush", async (context) => {
    const lines = await connect(context, world(), 40);
    const sender = world().kernel.openSender();
    for (const n of range(0, 8)) {
      stage(sender, `${n}:`);
      lines.forEach(({ peer }, i) => sender.push(peer, i));
    }
    expect(sender.flush()).toEqual([]);
    for (const [i, { listener }] of lines.entries()) {
      expect(await readAll(listener)).toEqual(range(0, 8).map((n) => `${n}:${i}\0`));
    }
  });

  test("a full queue refuses the rest, in order, with the bytes; other peers get theirs", async (context) => {
    const [stalled, other] = await connect(context, world(), 2);
    const capacity = fill(world(), stalled.peer);
    const sender = world().kernel.openSender();
    await stalled.listener.read();
    for (const n of range(0, 3)) {
      stage(sender, "n=");
      sender.push(stalled.peer, n);
      sender.push(other.peer, n);
    }
    const unsent = sender.flush();
    expect(unsent.map(describe)).toEqual(["full n=1\0", "full n=2\0"]);
    expect(unsent.every(({ peer }) => peer === stalled.peer)).toBe(true);
    expect(await readAll(other.listener)).toEqual(["n=0\0", "n=1\0", "n=2\0"]);
    expect((await readAll(stalled.listener)).slice(capacity - 1)).toEqual(["n=0\0"]);
  });

  test("unsent bytes are the caller's to keep", async (context) => {
    const [{ peer }] = await connect(context, world(), 1);
    fill(world(), peer);
    const sender = world().kernel.openSender();
    stage(sender, "kept");
    sender.push(peer);
    const [unsent] = sender.flush();
    stage(sender, "later");
    sender.push(peer);
    sender.flush();
    expect(unsent && describe(unsent)).toBe("full kept");
  });

  test("a listener that ended is gone, and what follows in that flush waits as full", async (context) => {
    const [dead, other] = await connect(context, world(), 2);
    await dead.listener.close();
    const sender = world().kernel.openSender();
    for (const word of ["one", "two"]) {
      stage(sender, word);
      sender.push(dead.peer);
      sender.push(other.peer);
    }
    expect(sender.flush().map(describe)).toEqual(["gone one", "full two"]);
    expect(await readAll(other.listener)).toEqual(["one", "two"]);
    stage(sender, "three");
    sender.push(dead.peer);
    expect(sender.flush().map(describe)).toEqual(["gone three"]);
  });

  test("a datagram that the system finds too long stops its peer for this flush only", async (context) => {
    const [{ peer, listener }] = await connect(context, world(), 1);
    const sender = world().kernel.openSender();
    const huge = new Uint8Array(1 << 20);
    sender.stage(huge, 0, huge.length);
    sender.push(peer);
    stage(sender, "short");
    sender.push(peer);
    expect(sender.flush().map(({ outcome, bytes }) => [outcome, bytes.length])).toEqual([
      ["too-long", huge.length],
      ["full", "short".length],
    ]);
    stage(sender, "again");
    sender.push(peer);
    expect(sender.flush()).toEqual([]);
    expect(await readAll(listener)).toEqual(["again"]);
  });
}

function describe({ outcome, bytes }: Unsent): string {
  return `${outcome} ${text(bytes)}`;
}
