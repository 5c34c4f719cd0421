import { describe, test, vi } from "vitest";

import { ENGINES } from "./view/engines.js";
import { giveAndTakeADisk, neededFor } from "./view/late-disk.js";
import { PODMAN } from "./view/podman.js";

vi.setConfig({ testTimeout: 120_000 }); // engines start slowly on a machine that is busy

const MAKES_NO_DEV = "unshare";

describe("a container that runs already gets a disk, uses it and loses it, and opens its other devices throughout", () => {
  for (const engine of [PODMAN, ...ENGINES].filter(({ name }) => name !== MAKES_NO_DEV))
    test(`of ${engine.name}`, neededFor(engine), () => giveAndTakeADisk(engine, false));
});
