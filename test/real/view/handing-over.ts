import { expect } from "vitest";

import { Program } from "../inside/program.js";
import { System } from "../inside/system.js";
import type { Stack } from "../stack.js";
import { Opener } from "./opener.js";
import { OwnCgroup } from "./own-cgroup.js";

const LOOP_MAJOR = 7;

interface Tried {
  /** Of the loop device that it tries to open all the time. */
  readonly number: number;
  /** Where its program is. */
  readonly directory: string;
}

/** A container with a user namespace and a cgroup of its own, and a program that opens what it can. @param nice what starts that */
export async function startOpener(stack: Stack, { number, directory }: Tried, ...nice: string[]) {
  const cgroup = stack.use(new OwnCgroup());
  const system = stack.use(await System.start([{ source: directory, destination: "/programs" }]));
  cgroup.take(system.pid);
  const [file = "", ...args] = cgroup.wrap(system.wordsFor(...nice, "/programs/opener", "netlink"));
  const opener = new Opener({ program: new Program(file, args), pid: system.pid });
  stack.use({ [Symbol.asyncDispose]: () => opener.end() });
  await opener.ready();
  opener.watch(`loop${number}`, LOOP_MAJOR, number);
  return { opener, pid: system.pid };
}

interface HandingOver<T> {
  /** The first has the device. */
  readonly boxes: readonly [T, T];
  /** The device's name. */
  readonly name: string;
  readonly times: number;
  readonly transfer: (giver: T, taker: T) => Promise<void>;
}

/** Hands a device over, to and fro: both never have it, nor does it get lost. */
export async function expectHandedOver<T extends { readonly opener: Opener }>(given: HandingOver<T>): Promise<void> {
  const { boxes, name, times, transfer } = given;
  expect(await boxes[0].opener.next(`add ${name}`)).toMatch(/^\d+$/);
  await boxes[0].opener.next("opened");
  let gaveAt = 0;
  for (let i = 0; i < times; i++) {
    const [giver, taker] = i % 2 === 0 ? boxes : ([boxes[1], boxes[0]] as const);
    await transfer(giver, taker);
    const [first = 0, last = 0] = (await giver.opener.next(`had ${name}`)).split(" ").map(Number);
    const gone = await giver.opener.next(`remove ${name}`);
    const added = await taker.opener.next(`add ${name}`);
    await taker.opener.next("opened"); // by what polls, which may not have had a processor
    expect([i, added]).toEqual([i, expect.stringMatching(/^\d+$/)]); // it could open, write and read it
    expect([i, gone]).toEqual([i, expect.stringMatching(/^node=ENOENT own=EPERM held=EPERM/)]);
    expect(first, `${i}: it has opened it while it had it`).toBeGreaterThan(0);
    expect(first, `${i}: it was opened when the one before could open it still`).toBeGreaterThan(gaveAt);
    gaveAt = last;
  }
}
