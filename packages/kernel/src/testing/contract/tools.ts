import { beforeEach, onTestFinished } from "vitest";
import type { TestContext } from "vitest";
import type { Batch, Source, SourceOptions } from "../../source.js";
import type { Ability, Awaitable, Events, World, WorldOptions } from "./world.js";

/** Makes a world; called for each case. */
export type MakeWorld = (options: WorldOptions) => Promise<World>;

/** Gives each case of the surrounding `describe` a world, and takes it down after it. */
export function worldForEach(makeWorld: MakeWorld, options: WorldOptions = {}): () => World {
  let world: World | undefined;
  beforeEach(async (context) => {
    const made = await makeWorld(options);
    context.onTestFinished(() => made.close()); // the last to run: what a case opened is closed before
    world = made;
  });
  return () => {
    if (!world) throw new Error("a world lives within a case");
    return world;
  };
}

/** The ability, or the case is skipped with the world's reason. */
export function need<T extends object>(context: TestContext, ability: Ability<T>): T {
  if ("missing" in ability) context.skip(ability.missing);
  return ability;
}

/** Waits until `condition` holds, at most 5 s. */
export async function until(condition: () => Awaitable<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end; await pause()) if (await condition()) return;
  throw new Error(`waited 5 s in vain until ${what}`);
}

/** Reads until nothing waits. */
export async function readAll(from: { read(): Awaitable<Uint8Array | undefined> }): Promise<string[]> {
  const all: string[] = [];
  for (let bytes = await from.read(); bytes; bytes = await from.read()) all.push(text(bytes));
  return all;
}

/** Reads until `count` came, at most 5 s. */
export async function readSome(from: { read(): Awaitable<Uint8Array | undefined> }, count: number): Promise<string[]> {
  const all: string[] = [];
  await until(async () => all.push(...(await readAll(from))) >= count, `${count} datagrams arrive`);
  return all;
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** A datagram as a case keeps it. */
export interface Heard {
  readonly text: string;
  readonly portId: number | undefined;
  readonly groups: number | undefined;
  readonly pid: number | undefined;
  readonly uid: number | undefined;
}

/** What a source said, copied. */
export class Ear {
  readonly batches: { overrun: boolean; drained: boolean; heard: Heard[] }[] = [];
  readonly source: Source;
  /** Called after each batch was copied. */
  after: (batch: Batch) => void = () => {};

  constructor(from: { openSource(options: SourceOptions): Source }, group: SourceOptions["group"] = "kernel") {
    this.source = from.openSource({ group, onBatch: (batch) => this.#copy(batch) });
    onTestFinished(() => this.source.close());
  }

  get heard(): Heard[] {
    return this.batches.flatMap((batch) => batch.heard);
  }

  /** The numbers of the events that the case caused. */
  numbers(events: Events): number[] {
    return this.heard.map((heard) => events.numberOf(heard.text)).filter((number) => number !== undefined);
  }

  #copy(batch: Batch): void {
    const heard = Array.from({ length: batch.count }, (_, i) => ({
      text: text(batch.slab.subarray(batch.starts[i], batch.ends[i])),
      portId: batch.portIds[i],
      groups: batch.groups[i],
      pid: batch.pids[i],
      uid: batch.uids[i],
    }));
    this.batches.push({ overrun: batch.overrun, drained: batch.drained, heard });
    this.after(batch);
  }
}

/** `range(3, 2)`: 3, 4. */
export function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}
