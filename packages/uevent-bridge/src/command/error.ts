/** Exit statuses: done, the world is wrong (a pid, a privilege), the words are wrong (a rule, an option). */
export const STATUS = { done: 0, world: 1, words: 2 } as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

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
