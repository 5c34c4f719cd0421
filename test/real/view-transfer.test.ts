import { chmodSync } from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import type { Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { Program } from "./inside/program.js";
import { System } from "./inside/system.js";
import { devpathOf } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";
import { compilePrograms, Opener } from "./view/opener.js";
import { OwnCgroup } from "./view/own-cgroup.js";
import { Plugger } from "./view/plugger.js";

const TRANSFERS = Number(process.env["TRANSFERS"] ?? 30);
const LOWEST = 1_041_000; // numbers of loop devices that no other test takes
vi.setConfig({ testTimeout: 60_000 + 1000 * TRANSFERS });

const needed = needs("root", "loop devices", "cgroups", "a compiler");

test(
  `a device goes ${TRANSFERS} times from one container to another: both never have it, nor does it get lost`,
  needed,
  async () => {
    await using stack = new Stack();
    const directory = stack.use(temporaryDirectory()).path;
    chmodSync(directory, 0o755);
    compilePrograms(directory);
    const plugger = stack.use(new Plugger(join(directory, "plugger")));
    const number = LOWEST + Math.floor(Math.random() * 7000);
    await plugger.disk(number);
    const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: join(directory, "runtime") }));
    const openers = [
      await startBox(stack, relay, { name: "a", number, directory, allow: [`${devpathOf(number)}, exclusive`] }),
      await startBox(stack, relay, { name: "b", number, directory, allow: [] }),
    ] as const;
    const name = `loop${number}`;
    expect(await openers[0].next(`add ${name}`)).toMatch(/^\d+$/);

    let gaveAt = 0;
    for (let i = 0; i < TRANSFERS; i++) {
      const [giver, taker] = i % 2 === 0 ? openers : openers.toReversed();
      if (!giver || !taker) throw new Error("two containers");
      await relay.transfer(devpathOf(number), i % 2 === 0 ? "b" : "a");
      const [first = 0, last = 0] = (await giver.next(`had ${name}`)).split(" ").map(Number);
      const gone = await giver.next(`remove ${name}`);
      const added = await taker.next(`add ${name}`);
      expect([i, added]).toEqual([i, expect.stringMatching(/^\d+$/)]); // it could open, write and read it
      expect([i, gone]).toEqual([i, expect.stringMatching(/^node=ENOENT own=EPERM held=EPERM/)]);
      expect(first, `${i}: it has opened it while it had it`).toBeGreaterThan(0);
      expect(first, `${i}: it was opened when the one before could open it still`).toBeGreaterThan(gaveAt);
      gaveAt = last;
    }
  },
);

interface Box {
  readonly name: string;
  /** Of the loop device that it tries to open all the time. */
  readonly number: number;
  readonly directory: string;
  readonly allow: readonly string[];
}

/** A container with a user namespace and a program that opens what it can. */
async function startBox(stack: Stack, relay: Relay, { name, number, directory, allow }: Box): Promise<Opener> {
  const cgroup = stack.use(new OwnCgroup());
  const system = stack.use(await System.start([{ source: directory, destination: "/programs" }]));
  cgroup.take(system.pid);
  const [file = "", ...args] = cgroup.wrap(system.wordsFor("/programs/opener", "netlink"));
  const opener = new Opener({ program: new Program(file, args), pid: system.pid });
  stack.use({ [Symbol.asyncDispose]: () => opener.end() });
  await opener.ready();
  opener.watch(`loop${number}`, 7, number);
  const view = { dev: "auto", cgroup: "auto", deliver: { netlink: "kernel" } } as const;
  await relay.attach({ name, pid: system.pid, allow, ...view });
  return opener;
}
