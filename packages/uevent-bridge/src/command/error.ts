/**
 * Exit statuses: done, the world is wrong (a pid, a privilege), the words are wrong (a rule, an option); of `run`, which has its
 * program's: the program could not be run; of what asks a running relay: it was interrupted, as a shell has it of Ctrl-C.
 */
export const STATUS = { done: 0, world: 1, words: 2, notRun: 125, interrupted: 130 } as const;
export type Status = (typeof STATUS)["done" | "world" | "words"];

/** What a command says when it cannot go on: a sentence, a remedy, and the status to exit with. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly status: Status;
  readonly remedy: string;

  constructor(status: Status, message: string, remedy: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
    this.remedy = remedy;
  }
}
