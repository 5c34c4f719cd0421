import { expect, test } from "vitest";
import { connect, fill, stage } from "./lines.js";
import { readAll, readSome, until } from "./tools.js";
import type { World } from "./world.js";

/** The promises of `Peer`, on listeners' sockets. */
export function peerCases(world: () => World): void {
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
    await until(() => calls > 0, "the peer is writable");
    await readAll(listener);
    await until(() => calls === 2, "the peer is writable again");
  });

  test("closing a peer twice is harmless, and what is pushed for it then is gone", async (context) => {
    const [{ peer, listener }] = await connect(context, world(), 1);
    peer.close();
    peer.close();
    peer.onceWritable(() => {});
    const sender = world().kernel.openSender();
    stage(sender, "late");
    sender.push(peer);
    expect(sender.flush().map(({ outcome }) => outcome)).toEqual(["gone"]);
    expect(await readAll(listener)).toEqual([]);
  });

  test("close() cancels an onceWritable() that is due", async (context) => {
    const [{ peer }] = await connect(context, world(), 1);
    let calls = 0;
    peer.onceWritable(() => calls++);
    peer.close();
    await world().settle();
    expect(calls).toBe(0);
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
