import type { Peer, Sender, Unsent } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

import { made } from "../src/datagram.js";
import { Outbox } from "../src/outbox.js";

/** An outbox to peers that are all full, and what was done to them, in order. */
function begin() {
  const done: string[] = [];
  const pushed: Peer[] = [];
  const sender: Sender = {
    stage: () => {},
    push: (peer) => void pushed.push(peer),
    flush: () =>
      pushed.splice(0).map((peer): Unsent => {
        done.push("sent");
        return { peer, outcome: "full", bytes: Uint8Array.of(1), mark: undefined };
      }),
  };
  const peer: Peer = { onceWritable: () => {}, close: () => void done.push("closed") };
  const outbox = new Outbox(sender);
  outbox.open(peer, { unsent: () => void done.push("heard") });
  return { outbox, peer, done };
}

test("what was pushed is sent before its peer is closed, whose owner hears of it, and of nothing later", () => {
  const { outbox, peer, done } = begin();
  outbox.push(peer, made(Uint8Array.of(1)));
  outbox.close(peer);
  outbox.push(peer, made(Uint8Array.of(1)));
  outbox.flush();
  expect(done).toEqual(["sent", "heard", "closed", "sent"]);
});
