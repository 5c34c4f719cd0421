import type { Kernel } from "@uevent-bridge/kernel";
import type { Keeper } from "@uevent-bridge/linux";

import type { Runtime } from "../runtime-directory.js";
import type { ServiceManager } from "../service/manager.js";

/** What a command may touch of the world. No command reads a global of the process. */
export interface Io {
  /** Data. */
  readonly stdout: Output;
  /** All else. */
  readonly stderr: Output;
  /** Aborted when the command shall end cleanly: Ctrl-C, SIGTERM, or nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** True if a terminal sends Ctrl-C to all that is in its foreground. */
  readonly hasTerminal: boolean;
  /** From now on signals abort nothing and go to `handler`, until it is disposed. */
  takeSignals(handler: (signal: NodeJS.Signals) => void): Disposable;
  readonly runtime: Runtime;
  /** Where root's relays are asked, which nobody else can look into; undefined for root. */
  readonly rootsControl?: string | undefined;
  /** The devpath to which a path of this machine leads: below `/sys`, a node, or a link to one. Undefined if it leads to none. */
  deviceAt(path: string): Promise<string | undefined>;
  /** The path of `uevent-agent`. @throws BridgeError ADDON_MISSING */
  readonly agent: string;
  /** The program and the arguments that start this command once more. */
  readonly self: readonly string[];
  /**
   * @param keeper keeps the source of the host's events for the relay that comes after
   * @param lockDirectory where the locks of socket directories are kept; default: with the runtime directory
   * @throws BridgeError ADDON_MISSING
   */
  openKernel(lockDirectory?: string, keeper?: Keeper): Promise<Kernel>;
  /** Who has started this command as a service, if somebody has. @throws BridgeError ADDON_MISSING */
  openService(): Promise<ServiceManager | undefined>;
}

export interface Output {
  /** Resolves when the reader can take more, or has gone. */
  write(chunk: string | Uint8Array): Promise<void>;
  readonly colour: boolean;
  /** The size of the terminal; absent where the output is none. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
}
