import { onTestFinished } from "vitest";
import type { TestContext } from "vitest";
import type { Peer, Sender } from "../../sender.js";
import { bytes, need, range } from "./tools.js";
import type { TestListener, World } from "./world.js";

const ENDLESS = 10_000; // datagrams: more than any queue of the suite holds

/** A listener and the peer to reach it. */
interface Line {
  readonly listener: TestListener;
  readonly peer: Peer;
}

/** Stages a word. */
export function stage(sender: Sender, word: string): void {
  sender.stage(bytes(word), 0, word.length);
}

/** Sends until the queue is full and gives the number that it took. */
export function fill(world: World, peer: Peer): number {
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
export async function connect<N extends number>(context: TestContext, world: World, count: N): Promise<Tuple<N>> {
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
