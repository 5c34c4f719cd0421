import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { listenRaw } from "@uevent-bridge/listener";
import { withoutSeqnum } from "@uevent-bridge/uevent";
import { vi } from "vitest";

import { randomFrom } from "./churn/random.js";
import { RandomDisks, diskseqIn } from "./disks.js";
import { change, withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

const DISKS = 6;
const PATIENCE_MS = 60_000;
/** Milliseconds in which it may be ended while it tells what happens. */
const MIDDLE_MS = 6;

/** Somebody who runs the command as a service. */
export interface Manager extends AsyncDisposable {
  /** Resolves when it is ready. */
  start(): Promise<void>;
  /** Ends it, has something happen meanwhile, and resolves when the next one is ready. */
  exchange(random: () => number, meanwhile: () => Promise<void>, mark: string): Promise<void>;
}

/** What a listener in a container heard while devices came, changed and went all the time, and what the kernel said of what it may see. */
export async function churn(
  restarts: number,
  seed: number,
  manage: (directory: string, args: readonly string[]) => Manager,
): Promise<Record<"heard" | "said", string[]>> {
  using place = temporaryDirectory();
  const random = randomFrom(seed);
  using disks = new RandomDisks(DISKS, place.path, random);
  const box = join(place.path, "box");
  mkdirSync(box, { mode: 0o700 });
  const [mark = "", ...allowed] = disks.devpaths.slice(0, -2); // two that the container may not see
  const rules = [mark, ...allowed].flatMap((devpath) => ["--allow", devpath]);
  await using manager = manage(place.path, ["--socket", box, ...rules]);
  await using program = await listenRaw({ dir: box });
  const all: Record<"heard" | "said", string[]> = { heard: [], said: [] };
  program.on("datagram", (bytes) => void all.heard.push(textOf(bytes)));
  await manager.start();
  await vi.waitUntil(() => all.heard.length === rules.length / 2, { timeout: PATIENCE_MS, interval: 5 }); // what is there
  all.heard.length = 0;
  using truth = withLoops(0).record((bytes) => void all.said.push(textOf(bytes)));

  const happen = async (): Promise<void> => {
    for (let step = random() * 10; step > 0; step--) {
      disks.step();
      await wait(1); // what waits for who does not read goes with the relay: then the difference is told
    }
  };
  for (let i = 0; i < restarts; i++) {
    await happen();
    await wait(random() * MIDDLE_MS);
    await manager.exchange(random, happen, mark);
  }
  change(mark);
  truth.drain();
  const last = all.said.at(-1);
  await vi.waitUntil(() => all.heard.at(-1) === last, { timeout: PATIENCE_MS, interval: 5 });
  return {
    heard: all.heard.filter((text) => !isSilentChange(text, disks.silent)),
    said: all.said.filter((text) => [mark, ...allowed].includes(devpathIn(text))),
  };
}

/** A relay that starts behind a change of which the kernel says nothing tells it, once. */
function isSilentChange(text: string, silent: Set<string | undefined>): boolean {
  return text.startsWith("change@") && silent.delete(diskseqIn(text));
}

/** Without its number, which is the relay's own. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(withoutSeqnum(bytes)).toString("latin1");
}

function devpathIn(text: string): string {
  return text.slice(text.indexOf("@") + 1, text.indexOf("\0"));
}
