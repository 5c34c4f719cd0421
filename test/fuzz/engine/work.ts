import { readFileSync, rmSync } from "node:fs";
import { readInputs, writeInput } from "./corpus.js";
import { Coverage } from "./counters.js";
import { mutated, randomOf } from "./mutate.js";
import type { Means } from "./mutate.js";
import { Broken } from "./target.js";
import type { Target } from "./target.js";

/** What a run is to do. */
export interface Job {
  readonly mode: "fuzz" | "minimise" | "replay";
  /** The kept inputs. */
  readonly corpus: string;
  /** Where new ones go. */
  readonly found: string;
  /** Where one goes that broke a promise. */
  readonly findings: string;
  readonly seconds: number;
  readonly seed: number;
  /** Seconds that an input may take, beside what else the machine does. */
  readonly patience: number;
  /** To be replayed. */
  readonly file: string;
  readonly words: readonly string[];
}

/** How it went. */
export interface Outcome {
  readonly executions: number;
  /** That the kept inputs pass, and that were passed in the end. */
  readonly kept: number;
  readonly edges: number;
  readonly finding?: { readonly why: string; readonly bytes: Uint8Array };
}

/** Shown to who watches: how many inputs were begun, and the one at hand. */
export interface Window {
  readonly begun: Int32Array;
  readonly input: Uint8Array;
}

const LONGEST = 4096;

export class Work {
  readonly #target: Target;
  readonly #window: Window;
  readonly #job: Job;
  readonly #coverage: Coverage;
  #executions = 0;

  constructor(target: Target, window: Window, job: Job) {
    this.#target = target;
    this.#window = window;
    this.#job = job;
    this.#coverage = new Coverage(job.mode === "fuzz"); // what is kept is for each edge alone: it would be too many else
  }

  do(): Outcome {
    const job = this.#job;
    try {
      const kept =
        job.mode === "replay" ? this.#replay(job) : job.mode === "minimise" ? this.#minimise(job) : this.#fuzz(job);
      this.#target.settle?.();
      return { ...this.#outcome(), kept };
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const bytes = error instanceof Broken ? error.bytes : this.#window.input.slice(0, this.#window.begun[1]);
      return { ...this.#outcome(), kept: 0, finding: { why, bytes } };
    }
  }

  #outcome(): Omit<Outcome, "kept"> {
    return { executions: this.#executions, edges: this.#coverage.edges };
  }

  /** True if it did something new. */
  #run(bytes: Uint8Array): boolean {
    const { begun, input } = this.#window;
    input.set(bytes.subarray(0, input.length));
    begun[1] = bytes.length;
    begun[0] = ++this.#executions;
    this.#coverage.begin();
    this.#target.run(bytes);
    return this.#coverage.learn();
  }

  #replay({ corpus, file }: Job): number {
    for (const bytes of file === "" ? readInputs(corpus) : [new Uint8Array(readFileSync(file))]) this.#run(bytes);
    return this.#coverage.edges;
  }

  /** Of all that there is, what is needed for what it does: the shortest first. */
  #minimise({ corpus, found }: Job): number {
    const all = [...readInputs(corpus), ...readInputs(found), ...this.#target.seeds()];
    const needed = all.toSorted((a, b) => a.length - b.length).filter((bytes) => this.#run(bytes));
    rmSync(corpus, { recursive: true });
    for (const bytes of needed) writeInput(corpus, bytes);
    return this.#coverage.edges;
  }

  #fuzz({ corpus, found, seconds, seed, words }: Job): number {
    const until = performance.now() + seconds * 1000;
    const inputs = [...readInputs(corpus)];
    for (const bytes of inputs) this.#run(bytes);
    const kept = this.#coverage.edges;
    const more = [...this.#target.seeds(), ...readInputs(found)].filter((bytes) => this.#run(bytes));
    inputs.push(...more, new Uint8Array());
    this.#search(inputs, found, until, {
      random: randomOf(seed),
      words: words.map((word) => Uint8Array.from(Buffer.from(word, "latin1"))),
      longest: this.#target.longest ?? LONGEST,
    });
    return kept;
  }

  #search(inputs: Uint8Array[], found: string, until: number, means: Means): void {
    const { random } = means;
    const any = (): Uint8Array => {
      const newest = random(2) === 0 ? Math.min(inputs.length, 16) : inputs.length;
      return inputs[inputs.length - 1 - random(newest)] ?? new Uint8Array();
    };
    const pick = (): Uint8Array => {
      const [one, other] = [any(), any()];
      return one.length < other.length ? one : other; // what is short is quick
    };
    while (performance.now() < until) {
      const bytes = mutated(pick(), pick(), means);
      if (!this.#run(bytes)) continue;
      inputs.push(bytes);
      writeInput(found, bytes);
    }
  }
}
