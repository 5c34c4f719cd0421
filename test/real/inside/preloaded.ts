import type { Program } from "./program.js";
import type { System } from "./system.js";
import { Inside } from "./inside.js";

/** A container in which a library is loaded before the programs that are started. */
export class Preloaded extends Inside {
  readonly #library: string;

  /** @param library its path inside */
  constructor(system: System, library: string) {
    super(system.pid, system.namespaces);
    this.#library = library;
  }

  override run(...command: readonly string[]): string {
    return super.run("env", `LD_PRELOAD=${this.#library}`, ...command);
  }

  override start(...command: readonly string[]): Program {
    return super.start("env", `LD_PRELOAD=${this.#library}`, ...command);
  }
}
