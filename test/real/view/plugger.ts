import { Program } from "../inside/program.js";
import { until } from "../listener.js";

const SECONDS = 20; // until an answer is missed

/** The program on the host that plugs loop devices in and out as fast as the kernel lets it: see plugger.c. */
export class Plugger implements AsyncDisposable {
  readonly #program: Program;

  constructor(path: string) {
    this.#program = new Program(path, []);
  }

  /** Makes loopN, and gives the first number that the kernel has for it as a disk. */
  disk(number: number): Promise<number> {
    return this.#ask(`disk ${number}`);
  }

  /** Takes loopN away and makes another one of that name at once. */
  renew(number: number): Promise<number> {
    return this.#ask(`renew ${number}`);
  }

  /** Takes loopN away, which the kernel makes too for who opens its number. */
  async end(number: number): Promise<void> {
    await this.#ask(`end ${number}`);
  }

  /** Makes loopNp1. */
  async plug(number: number): Promise<void> {
    await this.#ask(`plug ${number}`);
  }

  async unplug(number: number): Promise<void> {
    await this.#ask(`unplug ${number}`);
  }

  /** Takes loopNp1 away and gives its number to loopMp1, as soon as the kernel does: after how many microseconds. */
  steal(from: number, by: number): Promise<number> {
    return this.#ask(`steal ${from} ${by}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.end();
  }

  /** The last number of its answer. */
  async #ask(command: string): Promise<number> {
    const { lines, process } = this.#program;
    const at = lines.length;
    process.stdin?.write(`${command}\n`);
    await until(() => lines.length > at || process.exitCode !== null, `the answer to ${command}`, SECONDS);
    if (lines.length === at) throw new Error(`${command}: ${this.#program.stderr}`);
    return Number(lines[at]?.split(" ").at(-1));
  }
}
