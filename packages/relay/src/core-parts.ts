import type { Kernel } from "@uevent-bridge/kernel";

import type { Container } from "./container.js";
import type { BridgeError } from "./errors.js";
import type { Limits } from "./limits.js";
import type { Gap } from "./types.js";

export interface CoreParts {
  readonly kernel: Kernel;
  readonly limits: Limits;
  readonly acceptInjected: boolean;
  readonly containers: () => Iterable<Container>;
  /** Those too that are being attached or are leaving. */
  readonly everyone: () => Iterable<Container>;
  readonly onDetached: (container: Container) => void;
  readonly onGap: (gap: Gap) => void;
  readonly onWarning: (warning: BridgeError) => void;
}
