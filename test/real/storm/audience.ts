import { openLinux } from "@uevent-bridge/linux";
import type { Relay } from "@uevent-bridge/relay";

import { isNet } from "../churn/rules.js";
import { startContainer } from "../container.js";
import { System } from "../inside/system.js";
import { openListener, openReader } from "../listener.js";
import { devpathOf } from "../loops.js";
import type { Stack } from "../stack.js";
import { sizeOf, truth } from "./truth.js";
import { Witness } from "./witness.js";

const FILLED = 2048; // sectors of a disk with memory behind it
/** Bytes, which the kernel doubles: what a program has that asks for nothing. */
const READER_BUFFER = 106_496;

interface Policy {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** The same in plain words. */
  readonly sees: (devpath: string) => boolean;
}

interface Member {
  readonly name: string;
  readonly witness: Witness;
  readonly sees: (devpath: string) => boolean;
}

/** Five containers with other rules each, and a listener in each; the last one has network devices of its own. */
export class Audience {
  /** A process of the one with network devices. */
  readonly pid: number;
  readonly #loops: readonly number[];
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[], loops: readonly number[], pid: number) {
    this.#members = members;
    this.#loops = loops;
    this.pid = pid;
  }

  static async open(stack: Stack, relay: Relay, loops: readonly number[]): Promise<Audience> {
    const [some, all, parts, filled, net] = policies(loops.map(devpathOf));
    const { pid } = stack.use(await startContainer());
    const system = stack.use(await System.start());
    const bySocket = async (name: string, { sees, ...rules }: Policy, target?: { readonly pid: number }) => {
      const { mounts } = await relay.attach({ name, ...target, ...rules, deliver: { socket: true } });
      return { name, sees, witness: stack.use(new Witness(openListener(`${mounts[0]?.source}/a.sock`), true)) };
    };
    const reader = stack.use(new Witness(openReader(pid, { receiveBuffer: READER_BUFFER }), false));
    await relay.attach({ name: "all", pid, allow: all.allow, deny: all.deny, deliver: { netlink: "kernel" } });
    const members = [
      await bySocket("some", some),
      { name: "all", sees: all.sees, witness: reader },
      await bySocket("parts", parts),
      await bySocket("filled", filled),
      await bySocket("net", net, { pid: system.pid }),
    ];
    return new Audience(members, loops, system.pid);
  }

  /** Datagrams that they were told, all together. */
  get heard(): number {
    return this.#members.reduce((sum, { witness }) => sum + witness.heard, 0);
  }

  /** One of them stops reading, and others go on. */
  doze(turn: number): void {
    for (const [i, { witness }] of this.#members.entries()) {
      if (i === turn % this.#members.length) witness.pause();
      else witness.resume();
    }
  }

  wake(): void {
    for (const { witness } of this.#members) witness.resume();
  }

  /** Where what they were told is not what there is. */
  differences(): readonly string[] {
    const there = [...truth(this.#loops, this.pid)];
    return this.#members.flatMap(({ name, sees, witness }) => {
      const seen = new Map(there.filter(([devpath]) => sees(devpath)));
      const known = witness.known(seen);
      return [...new Set([...seen.keys(), ...known.keys()])]
        .map((devpath) => [devpath, told(known.get(devpath)), told(seen.get(devpath))] as const)
        .filter(([, says, is]) => says !== is)
        .map(([devpath, says, is]) => `${name}: ${devpath} is ${is}, was told: ${says}`);
    });
  }

  /** What could not have happened of what they were told. */
  faults(): readonly string[] {
    return this.#members.flatMap(({ name, witness }) => witness.faults().map((fault) => `${name}: ${fault}`));
  }
}

function policies(loops: readonly string[]): readonly [Policy, Policy, Policy, Policy, Policy] {
  const half = loops.filter((_, i) => i % 2 === 0);
  const [first = ""] = loops;
  const isPart = (devpath: string) => !isNet(devpath) && /p\d$/.test(devpath);
  const diskOf = (devpath: string) => devpath.split("/").slice(0, 5).join("/");
  return [
    { allow: half, deny: [], sees: (devpath) => half.includes(diskOf(devpath)) },
    { allow: loops, deny: ["devtype=partition"], sees: (devpath) => loops.includes(devpath) },
    {
      allow: loops.map((loop) => `${loop}/*p*`),
      deny: [`${first}/*p1`],
      sees: (devpath) => isPart(devpath) && devpath !== `${first}/${first.split("/").at(-1)}p1`,
    },
    {
      allow: loops.map((loop) => `${loop},attr:size=${FILLED}`),
      deny: [],
      sees: (devpath) => loops.includes(diskOf(devpath)) && sizeOf(diskOf(devpath)) === FILLED,
    },
    { allow: ["subsystem=net", first], deny: [], sees: (devpath) => isNet(devpath) || diskOf(devpath) === first },
  ];
}

/** The kernel of this machine, with the smallest receive buffer that it gives. */
export function smallestBuffer() {
  return openLinux({ receiveBuffer: 1 });
}

const told = (lines: readonly string[] | undefined): string => lines?.join(" ") ?? "not there";
