import { chmodSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi } from "vitest";

import { Cli, newName, run } from "../cli.js";
import { needs } from "../needs.js";
import { Program } from "./inside/program.js";
import { System } from "./inside/system.js";
import { devpathOf } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";
import { compilePrograms, Opener } from "./view/opener.js";
import { OwnCgroup } from "./view/own-cgroup.js";
import { Plugger } from "./view/plugger.js";

const TRANSFERS = Number(process.env["COMMAND_TRANSFERS"] ?? 2);
const LOWEST = 110_000; // numbers of loop devices that no other test takes
vi.setConfig({ testTimeout: 90_000 + 10_000 * TRANSFERS });

const needed = needs("root", "loop devices", "cgroups", "a compiler");

test(
  `a device goes ${TRANSFERS} times from the container of one attach to that of another: both never have it, nor does it get lost`,
  needed,
  async () => {
    await using stack = new Stack();
    const directory = stack.use(temporaryDirectory()).path;
    chmodSync(directory, 0o755);
    compilePrograms(directory);
    const plugger = stack.use(new Plugger(join(directory, "plugger")));
    const number = LOWEST + Math.floor(Math.random() * 7000);
    const device = devpathOf(number);
    await plugger.disk(number);
    const boxes = [
      await startBox(stack, { number, directory, rule: `${device},exclusive` }),
      await startBox(stack, { number, directory, rule: "devname=none" }),
    ] as const;
    const disk = `loop${number}`;
    expect(await boxes[0].opener.next(`add ${disk}`)).toMatch(/^\d+$/);

    let gaveAt = 0;
    for (let i = 0; i < TRANSFERS; i++) {
      const [giver, taker] = i % 2 === 0 ? boxes : ([boxes[1], boxes[0]] as const);
      const { status, stdout, stderr } = await run("transfer", device, taker.name, "--json");
      expect([status, stderr]).toEqual([0, ""]);
      const handed = { type: "transferred", devpath: device, from: giver.name, to: taker.name };
      expect(JSON.parse(stdout)).toEqual(handed);
      const [first = 0, last = 0] = (await giver.opener.next(`had ${disk}`)).split(" ").map(Number);
      const gone = await giver.opener.next(`remove ${disk}`);
      const added = await taker.opener.next(`add ${disk}`);
      expect([i, added]).toEqual([i, expect.stringMatching(/^\d+$/)]); // it could open, write and read it
      expect([i, gone]).toEqual([i, expect.stringMatching(/^node=ENOENT own=EPERM held=EPERM/)]);
      expect(first, `${i}: it has opened it while it had it`).toBeGreaterThan(0);
      expect(first, `${i}: it was opened when the one before could open it still`).toBeGreaterThan(gaveAt);
      gaveAt = last;
    }
  },
);

interface Box {
  /** Of the loop device that it tries to open all the time. */
  readonly number: number;
  readonly directory: string;
  readonly rule: string;
}

/** A container with an `attach` of its own, and a program that opens what it can. */
async function startBox(stack: Stack, { number, directory, rule }: Box): Promise<{ name: string; opener: Opener }> {
  const cgroup = stack.use(new OwnCgroup());
  const system = stack.use(await System.start([{ source: directory, destination: "/programs" }]));
  cgroup.take(system.pid);
  const [file = "", ...args] = cgroup.wrap(system.wordsFor("nice", "-n", "19", "/programs/opener", "netlink"));
  const opener = new Opener({ program: new Program(file, args), pid: system.pid });
  stack.use({ [Symbol.asyncDispose]: () => opener.end() });
  await opener.ready();
  opener.watch(`loop${number}`, 7, number);
  const name = newName();
  const ways = ["--pid", `${system.pid}`, "--dev", "auto", "--cgroup", "auto", "--netlink", "kernel"];
  const attach = stack.use(new Cli(["attach", name, "--allow", rule, ...ways]));
  await attach.until("stderr", `${name}: `);
  return { name, opener };
}
