import { EventEmitter } from "eventemitter3";

/** Calls functions of the caller, which may throw: that comes out as an uncaught error, and not in the middle of our work. */
export class Emitter<Events extends object> extends EventEmitter<Events> {
  override emit<E extends EventEmitter.EventNames<Events>>(
    event: E,
    ...args: EventEmitter.EventArgs<Events, E>
  ): boolean {
    try {
      return super.emit(event, ...args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
      return true;
    }
  }
}
