import { chmodSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi } from "vitest";

import { Cli, newName, run } from "../cli.js";
import { needs } from "../needs.js";
import { devpathOf } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";
import { expectHandedOver, startOpener } from "./view/handing-over.js";
import { compilePrograms } from "./view/opener.js";
import type { Opener } from "./view/opener.js";
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
    const transfer = async (giver: Attached, taker: Attached): Promise<void> => {
      const { status, stdout, stderr } = await run("transfer", device, taker.name, "--json");
      expect([status, stderr]).toEqual([0, ""]);
      const handed = { type: "transferred", devpath: device, from: giver.name, to: taker.name };
      expect(JSON.parse(stdout)).toEqual(handed);
    };
    await expectHandedOver({ boxes, name: `loop${number}`, times: TRANSFERS, transfer });
  },
);

interface Box {
  readonly number: number;
  readonly directory: string;
  readonly rule: string;
}

interface Attached {
  readonly name: string;
  readonly opener: Opener;
}

/** A container with an `attach` of its own. */
async function startBox(stack: Stack, { rule, ...tried }: Box): Promise<Attached> {
  const { opener, pid } = await startOpener(stack, tried, "nice", "-n", "19");
  const name = newName();
  const ways = ["--pid", `${pid}`, "--dev", "auto", "--cgroup", "auto", "--netlink", "kernel"];
  const attach = stack.use(new Cli(["attach", name, "--allow", rule, ...ways]));
  await attach.until("stderr", `${name}: `);
  return { name, opener };
}
