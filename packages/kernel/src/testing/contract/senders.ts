import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { Peer, Unsent } from "../../sender.js";
import { bytes, need, range, readAll, readSome, text, until } from "./tools.js";
import type { TestListener, World } from "./world.js";

const ENDLESS = 10_000; // datagrams: more than any queue of the suite holds

interface Line {
  readonly listener: TestListener;
  readonly peer: Peer;
}

/** The promises of `Sender` and `Peer`, on listeners' sockets. */
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

  test("close() of a peer sends what was pushed for it", async (context) => {
    const [{ peer, listener }, other] = await connect(context, world(), 2);
    const sender = world().kernel.openSender();
    stage(sender, "last");
    sender.push(other.peer);
    sender.push(peer);
    peer.close();
    expect(await readSome(listener, 1)).toEqual(["last"]);
    expect(sender.flush()).toEqual([]);
    expect(await readAll(listener)).toEqual([]);
    expect(await readAll(other.listener)).toEqual(["last"]);
  });

  test("onceWritable() waits for room and calls once", async (context) => {
    const [{ peer, listener }] = await connect(context, world(), 1);
    fill(world(), peer);
    let calls = 0;
    peer.onceWritable(() => calls++);
    await world().settle();
    expect(calls).toBe(0);
    await readAll(listener);
    await until(() => calls > 0, "the peer is writable");
    fill(world(), peer);
    await readAll(listener);
    await world().settle();
    expect(calls).toBe(1);
  });

  test("onceWritable() calls soon when there is room already", async (context) => {
    const [{ peer }] = await connect(context, world(), 1);
    await new Promise<void>((resolve) => peer.onceWritable(resolve));
  });

  test("a second onceWritable() replaces the first", async (context) => {
    const [{ peer, listener }] = await connect(context, world(), 1);
    fill(world(), peer);
    const called: string[] = [];
    peer.onceWritable(() => called.push("first"));
    peer.onceWritable(() => called.push("second"));
    await readAll(listener);
    await until(() => called.length > 0, "the peer is writable");
    await world().settle();
    expect(called).toEqual(["second"]);
  });

  test("within its call onceWritable() may be asked again", async (context) => {
    const [{ peer, listener }] = await connect(context, world(), 1);
    fill(world(), peer);
    let calls = 0;
    peer.onceWritable(() => {
      calls++;
      fill(world(), peer);
      peer.onceWritable(() => calls++);
    });
    await readAll(listener);
    await until(() => calls === 1, "the peer is writable");
    await readAll(listener);
    await until(() => calls === 2, "the peer is writable again");
  });

  test("close() cancels onceWritable()", async (context) => {
    const [{ peer, listener }] = await connect(context, world(), 1);
    fill(world(), peer);
    let calls = 0;
    peer.onceWritable(() => calls++);
    peer.close();
    await readAll(listener);
    await world().settle();
    expect(calls).toBe(0);
  });
}

function stage(sender: { stage(bytes: Uint8Array, start: number, end: number): void }, word: string): void {
  sender.stage(bytes(word), 0, word.length);
}

function describe({ outcome, bytes }: Unsent): string {
  return `${outcome} ${text(bytes)}`;
}

/** Sends until the queue is full and gives the number that it took. */
function fill(world: World, peer: Peer): number {
  const sender = world.kernel.openSender();
  for (const n of range(0, ENDLESS)) {
    stage(sender, "fill");
    sender.push(peer);
    if (sender.flush().length > 0) return n;
  }
  throw new Error(`a queue that holds ${ENDLESS} datagrams`);
}

type Tuple<N extends number> = N extends 1
  ? [Line]
  : N extends 2
    ? [Line, Line]
    : N extends 3
      ? [Line, Line, Line]
      : Line[];

/** Listeners and the peers to reach them. */
async function connect<N extends number>(context: TestContext, world: World, count: N): Promise<Tuple<N>> {
  const test = need(context, world.directory);
  await test.make();
  const directory = world.kernel.openDirectory(test.path, test);
  onTestFinished(() => directory.close());
  const lines: Line[] = [];
  for (const n of range(0, count)) {
    const listener = await test.bind(`${n}.sock`);
    const peer = directory.connect({ name: `${n}.sock`, inode: listener.inode });
    if (typeof peer === "string") throw new Error(`connecting says ${peer}`);
    onTestFinished(() => peer.close());
    lines.push({ listener, peer });
  }
  return lines as Tuple<N>;
}
