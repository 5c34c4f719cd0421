import { setTimeout as sleep } from "node:timers/promises";

import { openLinux } from "@uevent-bridge/linux";
import type { Container } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test, vi } from "vitest";

import { History } from "../../packages/relay/test/history.js";
import { needs } from "../needs.js";
import { Crowd } from "./churn/crowd.js";
import { Links } from "./churn/links.js";
import { LoopPool } from "./churn/loop-pool.js";
import { randomFrom } from "./churn/random.js";
import type { Rules } from "./churn/rules.js";
import { isNet, rulesFor } from "./churn/rules.js";
import { System } from "./inside/system.js";
import type { Hearer } from "./listener.js";
import { openReader, until } from "./listener.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const SECONDS = Number(process.env["CHURN_SECONDS"] ?? 4);
const SEED = Number(process.env["CHURN_SEED"] ?? Date.now() % 1e6);
/** So few that a listener that stalls has a gap. */
const LIMITS = { waitingBytes: 8192 };

vi.setConfig({ testTimeout: (SECONDS + 60) * 1000 });

describe("real devices that come, go and are renamed at random", needs("root", "loop devices"), () => {
  test(`at rest each listener knows exactly what it may see, by a possible history (seed ${SEED})`, async () => {
    await using stack = new Stack();
    const runtimeDir = stack.use(temporaryDirectory()).path;
    const machine = { pool: stack.use(new LoopPool(6)), system: stack.use(await System.start()) };
    const links = stack.use(new Links(machine.system.pid));
    const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir, limits: LIMITS }));
    const reader = stack.use(openReader(machine.system.pid));
    const box = await relay.attach({
      name: "box",
      pid: machine.system.pid,
      deliver: { socket: true, netlink: "kernel" },
    });
    const crowd = stack.use(new Crowd(box.mounts[0]?.source ?? ""));
    const churn = new Churn({ ...machine, links, crowd, box });
    await churn.run(SECONDS * 1000, randomFrom(SEED));
    await links.end();
    crowd.wake();

    const visible = () => [...machine.pool.present, ...links.present].filter(churn.rules.sees).toSorted();
    const isKnown = () => crowd.told().every((told) => told.join() === visible().join());
    await until(isKnown, "all know it").catch(() => {}); // the comparison below says more
    await sleep(300); // and nothing is said any more
    for (const told of crowd.told()) expect(told).toEqual(visible());
    expect(crowd.faults()).toEqual([]);
    expect((await box.devices()).map(({ devpath }) => devpath).toSorted()).toEqual(visible());
    expect(toldTo(reader).filter((devpath) => !isNet(devpath))).toEqual(visible().filter((each) => !isNet(each)));
  });
});

interface Actors {
  readonly pool: LoopPool;
  readonly links: Links;
  readonly crowd: Crowd;
  readonly box: Container;
}

/** What happens, and how often it is drawn. */
const WEIGHTS = { toggle: 3, change: 6, plug: 4, rename: 4, come: 2, go: 1, stall: 2, wake: 2, rules: 1 } as const;
type Kind = keyof typeof WEIGHTS;
const KINDS = (Object.keys(WEIGHTS) as Kind[]).flatMap((kind) => Array<Kind>(WEIGHTS[kind]).fill(kind));

class Churn {
  rules: Rules;
  /** How often each kind was done: at last, each was. */
  readonly done = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  readonly #actors: Actors;
  readonly #all: readonly Rules[];

  constructor(actors: Actors) {
    this.#actors = actors;
    this.#all = rulesFor(actors.pool.devices);
    this.rules = { allow: [], deny: [], sees: () => false };
  }

  async run(ms: number, random: () => number): Promise<void> {
    const isDone = (): boolean => Object.values(this.done).every((times) => times > 0);
    for (const until = performance.now() + ms; performance.now() < until || !isDone();) {
      const kind = KINDS[Math.floor(random() * KINDS.length)] ?? "change";
      await this.#do(kind, Math.floor(random() * 1000));
      this.done[kind]++;
      if (random() < 0.5) await sleep(random() * 4);
    }
  }

  async #do(kind: Kind, index: number): Promise<void> {
    const { pool, links, crowd, box } = this.#actors;
    switch (kind) {
      case "toggle":
        return pool.toggle(index);
      case "change":
        return pool.change(index);
      case "plug":
        return links.plugOrUnplug(index);
      case "rename":
        return links.rename(index);
      case "come":
        return crowd.come();
      case "go":
        return crowd.go(index);
      case "stall":
        return crowd.stall(index);
      case "wake":
        return crowd.wake();
      case "rules":
        this.rules = this.#all[index % this.#all.length] ?? this.rules;
        await box.setPolicy({ allow: this.rules.allow, deny: this.rules.deny });
    }
  }
}

function toldTo({ heard }: Hearer): string[] {
  const history = new History(false);
  for (const bytes of heard) history.hear(bytes);
  return [...history.told.keys()].toSorted();
}
