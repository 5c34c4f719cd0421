import type { Keeper } from "@uevent-bridge/linux";

/** Who has started this process as a service: what can be said to it. Nobody waits for it. */
export interface ServiceManager extends Keeper, Disposable {
  /** Milliseconds after which it takes a process that says nothing for hung; undefined: it does not. */
  readonly watchdogMs: number | undefined;
  /** Says variables as sd_notify(3) has them. */
  say(...variables: readonly string[]): void;
  /** The same, now or not at all. */
  sayNow(...variables: readonly string[]): void;
}
