import { Command } from "commander";

import { STATUS } from "../command/error.js";
import type { Define } from "../command/run.js";
import { askAttached } from "../control/ask-attached.js";

/** `thaw`: has a container go on that `revoke --open freeze` stopped. */
export const thaw: Define = (io, exit) =>
  new Command("thaw")
    .description("have a container go on whose programs stand still since revoke --open freeze")
    .argument("<NAME>", "the container")
    .action(async (name: string) => {
      await askAttached(name, { type: "thaw" }, io);
      exit(STATUS.done);
    });
