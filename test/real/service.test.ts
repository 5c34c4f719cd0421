import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

import { listenRaw } from "@uevent-bridge/listener";
import { withoutSeqnum } from "@uevent-bridge/uevent";
import { describe, expect, test, vi } from "vitest";

import { newName } from "../cli.js";
import { needs } from "../needs.js";
import { ROOT } from "../packages.js";
import { randomFrom } from "./churn/random.js";
import { RandomDisks } from "./disks.js";
import { change, withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

const CLI = join(ROOT, "packages/uevent-bridge/dist/cli.js");
const RESTARTS = Number(process.env["SERVICE_RESTARTS"] ?? 4);
const SEED = Number(process.env["SERVICE_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
const DISKS = 6;
const PATIENCE_MS = 20_000;
/** Milliseconds in which it may be ended while it tells what happens. */
const MIDDLE_MS = 6;
vi.setConfig({ testTimeout: 60_000 + 5000 * RESTARTS });

const needed = needs("root", "loop devices", "unix-dgram", "debian package python3");

describe(`${RESTARTS} times a service is killed or ended, and starts again (seed ${SEED})`, needed, () => {
  test("what the kernel says all the time is told once, in order, byte for byte", async () => {
    const { heard, said } = await churn(RESTARTS);
    expect(heard.length).toBeGreaterThan(RESTARTS);
    expect(heard).toEqual(said);
  });

  test("where nobody keeps its source something is missing: the test can fail", async () => {
    const { heard, said } = await churn(1, async (service, mark) => {
      await service.forget();
      change(mark); // nothing of that is left behind
    });
    expect(heard).not.toEqual(said);
  });
});

/** @param between what happens while it does not run */
async function churn(
  restarts: number,
  between: (service: Service, mark: string) => Promise<void> = async () => undefined,
): Promise<Record<"heard" | "said", string[]>> {
  using place = temporaryDirectory();
  const random = randomFrom(SEED);
  using disks = new RandomDisks(DISKS, place.path, random);
  const box = join(place.path, "box");
  mkdirSync(box, { mode: 0o700 });
  const [mark = "", ...allowed] = disks.devpaths.slice(0, -2); // two that the container may not see
  const rules = [mark, ...allowed].flatMap((devpath) => ["--allow", devpath]);
  await using service = new Service(join(place.path, "notify"), ["attach", newName(), "--socket", box, ...rules]);
  await using program = await listenRaw({ dir: box });
  const all: Record<"heard" | "said", string[]> = { heard: [], said: [] };
  program.on("datagram", (bytes) => void all.heard.push(textOf(bytes)));
  await service.start();
  await vi.waitUntil(() => all.heard.length === rules.length / 2, { timeout: PATIENCE_MS, interval: 5 }); // what is there
  all.heard.length = 0;
  using truth = withLoops(0).record((bytes) => void all.said.push(textOf(bytes)));

  for (let i = 0; i < restarts; i++) {
    for (let step = random() * 10; step > 0; step--) disks.step();
    await wait(random() * MIDDLE_MS);
    await service.end(random() < 0.75 ? "kill" : "term");
    await between(service, mark);
    for (let step = random() * 10; step > 0; step--) disks.step();
    await service.start();
  }
  change(mark);
  truth.drain();
  const last = all.said.at(-1);
  await vi.waitUntil(() => all.heard.at(-1) === last, { timeout: PATIENCE_MS, interval: 5 });
  return { heard: all.heard, said: all.said.filter((text) => [mark, ...allowed].includes(devpathIn(text))) };
}

/** Without its number, which is the relay's own. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(withoutSeqnum(bytes)).toString("latin1");
}

function devpathIn(text: string): string {
  return text.slice(text.indexOf("@") + 1, text.indexOf("\0"));
}

/** The command as a service of somebody who keeps what it is given to keep. */
class Service implements AsyncDisposable {
  readonly #program: ReturnType<typeof spawn>;
  readonly #lines: AsyncIterator<string>;

  constructor(socket: string, args: readonly string[]) {
    const file = new URL("keeper.py", import.meta.url).pathname;
    this.#program = spawn("python3", [file, socket, process.execPath, CLI, ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#program.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async start(): Promise<void> {
    await this.#ask("start", "ready uevent-memory,uevent-source");
  }

  async end(how: "kill" | "term"): Promise<void> {
    await this.#ask(how, how === "kill" ? "ended 9" : "ended 0");
  }

  async forget(): Promise<void> {
    await this.#ask("forget", "forgotten");
  }

  async #ask(what: string, answer: string): Promise<void> {
    this.#program.stdin?.write(`${what}\n`);
    expect((await this.#lines.next()).value).toBe(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.stdin?.end();
    await once(this.#program, "close");
  }
}
