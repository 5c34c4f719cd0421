import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { agentPath } from "@uevent-bridge/agent";
import { openLinux } from "@uevent-bridge/linux";

import { Arena } from "../harness/arena.js";
import { native, node } from "../harness/commands.js";
import { DEVICES, layCourse } from "../harness/course.js";
import type { Course } from "../harness/course.js";
import { FORMS, shadowPath } from "../harness/forms.js";
import type { Form } from "../harness/forms.js";
import { openNamespace } from "../harness/namespace.js";
import type { Namespace } from "../harness/namespace.js";
import { assertCount } from "../harness/result.js";
import type { Delivered, Result, Scenario, Settings } from "../harness/result.js";
import { quantile, summarize } from "../harness/statistics.js";
import { Worker } from "../harness/worker.js";

const CONTAINERS = [1, 10, 50];
const RATE = 200; // events in a second
const QUEUE = 10; // Linux's default
const NOTICED_MS = 700; // until a relay has noticed who listens
const SETTLE_MS = 20; // until all wait for the first event

/** What each way to a container costs, and how that grows with the number of containers that are told the same. */
export const delivery: Scenario = { name: "delivery", run };

async function run(settings: Settings): Promise<Result> {
  const course = layCourse(settings);
  const deliveries: Delivered[] = [];
  for (const containers of settings.quick ? [2] : CONTAINERS)
    for (const form of FORMS) deliveries.push(await measure(settings, course, form, containers));
  return { rows: [], deliveries };
}

async function measure({ quick }: Settings, course: Course, form: Form, containers: number): Promise<Delivered> {
  await using stage = await Stage.open(course, form, containers);
  const rounds: Second[] = [];
  for (let round = 0; round < (quick ? 1 : 5); round++) rounds.push(await stage.second(quick ? 50 : RATE));
  const p = (share: number) => summarize(rounds.map(({ latencies }) => quantile(latencies, share)));
  return { work: form.work, containers, p50: p(0.5), p99: p(0.99), cpu: summarize(rounds.map(({ cpu }) => cpu)) };
}

interface Second {
  /** In ns, at all receivers. */
  readonly latencies: readonly number[];
  /** Processor time of the relay for an event, in ns. */
  readonly cpu: number;
}

/** A relay, containers that are told the same, and a receiver in each. */
class Stage implements AsyncDisposable {
  readonly #arena: Arena;
  readonly #relay: Worker;
  readonly #injector: Worker;
  readonly #receivers: readonly Worker[];
  readonly #namespaces: readonly Namespace[];

  static async open(course: Course, form: Form, containers: number): Promise<Stage> {
    const arena = await Arena.open(course.changes);
    const directory = mkdtempSync(join(course.directory, `${form.id}-`));
    const namespaces = await Promise.all(Array.from({ length: containers }, () => openNamespace()));
    const targets = namespaces.map(({ pid }) => pid);
    const relay = await Worker.start(
      node("deliver", arena.pid, course.rules, directory, form.id, agentPath(), ...targets),
    );
    const receivers: Worker[] = [];
    for (const [i, { pid }] of namespaces.entries())
      receivers.push(await Worker.start(native("receiver", ...(await listening(form, directory, i, pid)), "timed")));
    await sleep(NOTICED_MS);
    const injector = await Worker.start(native("inject", arena.pid, course.changes, 1, RATE));
    const stage = new Stage(arena, relay, injector, receivers, namespaces);
    await stage.#learn(arena.pid, course.adds);
    return stage;
  }

  private constructor(
    arena: Arena,
    relay: Worker,
    injector: Worker,
    receivers: readonly Worker[],
    namespaces: readonly Namespace[],
  ) {
    this.#arena = arena;
    this.#relay = relay;
    this.#injector = injector;
    this.#receivers = receivers;
    this.#namespaces = namespaces;
  }

  async second(events: number): Promise<Second> {
    const { relay, times, said } = await this.#pass(events, this.#injector);
    const latencies = times.flatMap((own) => own.map((time, i) => time - (said[i] ?? NaN)));
    return { latencies, cpu: (relay.end.cpu - relay.start.cpu) / events };
  }

  async #learn(pid: number, adds: string): Promise<void> {
    await using injector = await Worker.start(native("inject", pid, adds, 1, RATE));
    await this.#pass(DEVICES, injector);
  }

  async #pass(events: number, injector: Worker) {
    const receiving = this.#receivers.map((receiver) => receiver.ask(events));
    const relaying = this.#relay.ask(events);
    await sleep(SETTLE_MS);
    const said = await injector.ask(events);
    const received = await Promise.all(receiving);
    for (const { count } of received) assertCount("events received", count, events);
    return { relay: await relaying, times: received.map(({ times }) => times), said: said.times };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const workers = [this.#injector, this.#relay, ...this.#receivers, this.#arena, ...this.#namespaces];
    for (const worker of workers) await worker[Symbol.asyncDispose]();
  }
}

/** Arguments of a receiver: whose network namespace, how much it holds, what it opens. */
async function listening({ listens }: Form, directory: string, i: number, pid: number): Promise<(string | number)[]> {
  if ("socket" in listens) return [pid, QUEUE, join(directory, `box${i}`, listens.socket)];
  const where = listens.in === "container" ? pid : await holderOf(shadowPath(directory, i));
  return [where, QUEUE, `netlink:${listens.group}`];
}

async function holderOf(path: string): Promise<number> {
  const shadow = await openLinux().openShadow(path);
  shadow.close();
  return shadow.pid;
}
