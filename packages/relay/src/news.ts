/** What is to be said to somebody who has not had the time to listen yet: it is kept until then. */
export class News<T> {
  readonly #say: (news: T) => void;
  #early: T[] | undefined = [];

  constructor(say: (news: T) => void) {
    this.#say = say;
  }

  push(news: T): void {
    if (this.#early) this.#early.push(news);
    else setImmediate(() => this.#say(news));
  }

  /** The caller is about to have what it can listen to. */
  open(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const news of early) this.push(news);
  }
}
