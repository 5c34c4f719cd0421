import { onTestFinished } from "vitest";

import type { Change, Listener, Message } from "../../src/index.js";
import { listen } from "../../src/index.js";
import { containerDirectory } from "./container-directory.js";
import { FakeRelay } from "./fake-relay.js";
import { event } from "./messages.js";

/** A listener and what speaks to it as a relay does. */
export interface Pair {
  readonly dir: string;
  readonly listener: Listener;
  readonly relay: FakeRelay;
  /** What the listener said so far, each in a few words. */
  readonly said: string[];
}

export async function pair(): Promise<Pair> {
  const dir = containerDirectory();
  const listener = await listen({ dir });
  const relay = new FakeRelay(dir);
  onTestFinished(async () => {
    relay[Symbol.dispose]();
    await listener.close();
  });
  const said: string[] = [];
  listener.on("event", (message) => said.push(inWords(message)));
  listener.on("gap", (message) => said.push(inWords(message)));
  listener.on("resync", ({ added, removed }: Change) => said.push(`resync +${added.join()} -${removed.join()}`));
  return { dir, listener, relay, said };
}

function inWords(message: Message): string {
  return message.kind === "gap" ? `gap ${message.lost} ${message.where}` : `${message.action} ${message.devpath}`;
}

/** An event of `/devices/DEVPATH`. */
export const device = (seq: number, devpath: string, action = "add") =>
  event(seq, { devpath: `/devices/${devpath}`, action });
