import { native } from "./commands.js";
import { Worker } from "./worker.js";

/** A user and a network namespace of the bench's own: nobody else's events are heard in it, and none of its own elsewhere. */
export interface Namespace extends AsyncDisposable {
  /** Of the process that holds it. */
  readonly pid: number;
}

/** @throws Error this machine lets nobody make one */
export function openNamespace(): Promise<Namespace> {
  return Worker.start(native("namespace"));
}
