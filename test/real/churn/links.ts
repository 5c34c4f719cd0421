import { readdirSync } from "node:fs";

import { Program } from "../inside/program.js";

const PAIRS = 4;

/** Pairs of network devices that come, go and are renamed in a container. */
export class Links implements AsyncDisposable {
  readonly #pid: number;
  readonly #ip: Program;
  readonly #names: (string | undefined)[] = Array.from({ length: PAIRS }, () => undefined);

  /** @param pid a process that has its own sysfs */
  constructor(pid: number) {
    this.#pid = pid;
    this.#ip = new Program("nsenter", ["--target", `${pid}`, "--net", "ip", "-force", "-batch", "-"]);
  }

  /** Those that are there, as its sysfs shows them. */
  get present(): string[] {
    const names = readdirSync(`/proc/${this.#pid}/root/sys/devices/virtual/net`);
    return names.map((name) => `/devices/virtual/net/${name}`);
  }

  plugOrUnplug(index: number): void {
    const pair = index % PAIRS;
    const name = this.#names[pair];
    if (name === undefined) this.#say(`link add even${pair} type veth peer name peer${pair}`);
    else this.#say(`link delete ${name}`);
    this.#names[pair] = name === undefined ? `even${pair}` : undefined;
  }

  rename(index: number): void {
    const pair = index % PAIRS;
    const name = this.#names[pair];
    if (name === undefined) return;
    const other = name.startsWith("even") ? `odd${pair}` : `even${pair}`;
    this.#say(`link set ${name} name ${other}`);
    this.#names[pair] = other;
  }

  /** Resolves when all has been done. */
  async end(): Promise<void> {
    await this.#ip.end();
    if (this.#ip.stderr !== "") throw new Error(this.#ip.stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ip.end();
  }

  #say(command: string): void {
    this.#ip.process.stdin?.write(`${command}\n`);
  }
}
