import { mkdtempSync } from "node:fs";
import { join } from "node:path";

import { Arena } from "./arena.js";
import type { Course } from "./course.js";
import { DEVICES } from "./course.js";
import { LIVE } from "./crowd.js";
import { assertCount } from "./result.js";
import { native, node, pinned } from "./commands.js";
import type { Command } from "./commands.js";
import { Worker } from "./worker.js";
import type { Answer } from "./worker.js";
import { HELD } from "./serve.js";

export interface LaneOptions {
  readonly course: Course;
  readonly kind: "ours" | "c" | "naive";
  /** Datagrams that a listener's socket holds: `net.unix.max_dgram_qlen`. */
  readonly queue: number;
  /** Receivers, at most as many as there are live containers. */
  readonly receivers?: number;
  /** `two`: the relay has one, the receivers another; `one`: all have the same one; absent: whichever the scheduler gives them. */
  readonly processors?: "one" | "two" | undefined;
  /** True: receivers say when each datagram came. */
  readonly timed?: boolean;
}

/** What became of events that were relayed. */
export interface Relayed {
  readonly relay: Answer;
  readonly receivers: readonly Answer[];
}

/** One relay with its containers, the namespace that it hears, and live receivers. */
export class Lane implements AsyncDisposable {
  readonly arena: Arena;
  /** Where the relay has its containers' directories, if it is ours. */
  readonly directory: string;
  readonly #relay: Worker;
  readonly #receivers: readonly Worker[];

  static async open(options: LaneOptions): Promise<Lane> {
    const { course, kind } = options;
    const arena = await Arena.open(course.changes);
    const directory = mkdtempSync(join(course.directory, `${kind}-`));
    const lane = await (kind === "ours" ? openOurs : openOther)(arena, directory, options);
    await lane.#learn(course);
    return lane;
  }

  constructor(arena: Arena, directory: string, relay: Worker, receivers: readonly Worker[]) {
    this.arena = arena;
    this.directory = directory;
    this.#relay = relay;
    this.#receivers = receivers;
  }

  /** Relays so many events, which wait in netlink's queue or come. @throws Error somebody did not get them all */
  async relay(events: number): Promise<Relayed> {
    const receiving = this.#receivers.map((receiver) => receiver.ask(events));
    const relay = await this.#relay.ask(events);
    const receivers = await Promise.all(receiving);
    assertCount("events relayed", relay.count, events);
    for (const { count } of receivers) assertCount("events received", count, events);
    return { relay, receivers };
  }

  /** Processor time of the relay up to now, in ns. */
  async cpu(): Promise<number> {
    return (await this.#relay.ask(0)).start.cpu;
  }

  /** Bytes that a relay of ours holds. */
  async held(): Promise<number> {
    return (await this.#relay.ask(HELD)).sum;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of [this.#relay, ...this.#receivers, this.arena]) await worker[Symbol.asyncDispose]();
  }

  async #learn({ adds }: Course): Promise<void> {
    await using injector = await Worker.start(native("inject", this.arena.pid, adds, 1));
    await injector.ask(DEVICES);
    await this.relay(DEVICES);
  }
}

/** The relay makes the directories, and finds out who listens there. */
async function openOurs(arena: Arena, directory: string, options: LaneOptions): Promise<Lane> {
  const relay = await startRelay(options, node("relay", arena.pid, options.course.rules, directory));
  return new Lane(
    arena,
    directory,
    relay,
    await startReceivers(arena, options, (i) => join(directory, `box${i}`, "bench.sock")),
  );
}

async function openOther(arena: Arena, directory: string, options: LaneOptions): Promise<Lane> {
  const path = (i: number): string => join(directory, `${i}.sock`);
  const receivers = await startReceivers(arena, options, path);
  const args = [arena.pid, options.course.rules, ...receivers.flatMap((_, i) => [i, path(i)])];
  const relay = options.kind === "c" ? native("relay", ...args) : node("naive-relay", ...args);
  return new Lane(arena, directory, await startRelay(options, relay), receivers);
}

function startRelay({ processors }: LaneOptions, relay: Command): Promise<Worker> {
  return Worker.start(processors ? pinned("first", relay) : relay);
}

function startReceivers({ pid }: Arena, options: LaneOptions, path: (i: number) => string): Promise<Worker[]> {
  const { queue, timed, processors, receivers = LIVE } = options;
  const command = (i: number): Command => native("receiver", pid, queue, path(i), ...(timed ? ["timed"] : []));
  const where = processors === "two" ? "last" : "first";
  const start = (each: Command): Promise<Worker> => Worker.start(processors ? pinned(where, each) : each);
  return Promise.all(Array.from({ length: receivers }, (_, i) => start(command(i))));
}
