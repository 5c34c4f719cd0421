/** Work on devices: on one, on those above it and on those below it one at a time, in the order in which it came; on others beside it. */
export class Order {
  /** The last at each path that runs or waits. Not of those below it: it waits for them, and who overlaps them overlaps it. */
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves when the work has been done. @param paths where its device is, and where it was */
  run(paths: ReadonlySet<string>, work: () => Promise<void>): Promise<void> {
    const before = Array.from(paths, (path) => [...this.#above(path), ...this.#takeBelow(path)]).flat();
    const done = Promise.all(before).then(work);
    for (const path of paths) this.#remember(path, done);
    return done;
  }

  /** Resolves when all that came has been done. */
  async rest(): Promise<void> {
    await Promise.all(this.#last.values());
  }

  /** At the path itself too. */
  *#above(path: string): Generator<Promise<void>> {
    for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
      const last = this.#last.get(at);
      if (last) yield last;
    }
  }

  *#takeBelow(path: string): Generator<Promise<void>> {
    const start = `${path}/`;
    for (const [at, last] of this.#last) {
      if (!at.startsWith(start)) continue;
      this.#last.delete(at);
      yield last;
    }
  }

  #remember(path: string, done: Promise<void>): void {
    this.#last.set(path, done);
    void done.finally(() => {
      if (this.#last.get(path) === done) this.#last.delete(path);
    });
  }
}
