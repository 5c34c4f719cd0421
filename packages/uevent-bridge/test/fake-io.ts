import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Kernel } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";

import type { Io, Output } from "../src/command/io.js";
import { run } from "../src/command/run.js";
import type { ServiceManager } from "../src/service/manager.js";

/** What a command wrote. */
export class FakeOutput implements Output {
  text = "";
  readonly colour: boolean;
  readonly terminal?: { readonly columns: number; readonly rows: number };
  #onWrite: () => void = () => {};

  constructor({ terminal = false, colour = false } = {}) {
    this.colour = colour;
    if (terminal) this.terminal = { columns: 80, rows: 24 };
  }

  write(chunk: string | Uint8Array): Promise<void> {
    this.text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1");
    this.#onWrite();
    return Promise.resolve();
  }

  /** Resolves when the text has this in it. */
  async until(part: string | RegExp): Promise<void> {
    const isThere = (): boolean => (typeof part === "string" ? this.text.includes(part) : part.test(this.text));
    while (!isThere()) await new Promise<void>((resolve) => (this.#onWrite = resolve));
  }

  /** Each line as the value that it is in JSON. */
  json(): unknown[] {
    return this.text
      .split("\n")
      .slice(0, -1)
      .map((line): unknown => JSON.parse(line));
  }
}

const AGENT = `#!/bin/sh
shift 4 # exec --wait PATH --
exec "$@"
`;

/** A world in which a command runs: a kernel in memory, a directory of its own, outputs that remember. */
export class FakeIo implements Io, Disposable {
  readonly kernel: FakeKernel;
  readonly stdout: FakeOutput;
  readonly stderr = new FakeOutput();
  readonly runtime: Io["runtime"];
  readonly self = ["uevent-bridge"];
  hasTerminal = false;
  /** Paths of this machine that lead to devices. */
  readonly links = new Map<string, string>();
  /** Runs the program that it was given, as the real one does once the filter is in force. */
  readonly agent: string;
  #onSignal: ((signal: NodeJS.Signals) => void) | undefined;
  readonly #ending = new AbortController();

  constructor(options: { readonly kernel?: FakeKernel; readonly terminal?: boolean; readonly colour?: boolean } = {}) {
    this.kernel = options.kernel ?? new FakeKernel();
    this.stdout = new FakeOutput(options);
    const base = mkdtempSync(join(tmpdir(), "uevent-bridge-io-"));
    this.runtime = { uid: process.geteuid?.() ?? 0, directory: join(base, "run") };
    this.agent = join(base, "agent");
    writeFileSync(this.agent, AGENT, { mode: 0o755 });
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  takeSignals(handler: (signal: NodeJS.Signals) => void): Disposable {
    this.#onSignal = handler;
    return { [Symbol.dispose]: () => (this.#onSignal = undefined) };
  }

  /** Somebody sends it a signal. False if nobody takes it. */
  signalled(signal: NodeJS.Signals): boolean {
    this.#onSignal?.(signal);
    return this.#onSignal !== undefined;
  }

  async deviceAt(path: string): Promise<string | undefined> {
    return this.links.get(path);
  }

  /** Who has started its commands as a service. */
  service: ServiceManager | undefined;

  async openService(): Promise<ServiceManager | undefined> {
    return this.service;
  }

  openKernel(): Promise<Kernel> {
    return Promise.resolve(this.kernel);
  }

  run(...args: string[]): Promise<number> {
    return run(args, this);
  }

  /** Another command of the same user, at the same time. */
  beside(): FakeIo {
    const other = new FakeIo({ kernel: this.kernel });
    rmSync(join(other.runtime.directory, ".."), { recursive: true });
    return Object.assign(other, { runtime: this.runtime, links: this.links });
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#ending.abort();
  }

  [Symbol.dispose](): void {
    this.interrupt();
    rmSync(join(this.runtime.directory, ".."), { recursive: true, force: true });
  }
}
