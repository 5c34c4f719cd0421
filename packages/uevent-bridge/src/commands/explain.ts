import { Command } from "commander";

import { meantBy, sayWhich } from "../command/device.js";
import { STATUS } from "../command/error.js";
import type { Define } from "../command/run.js";
import { askAttached } from "../control/ask-attached.js";
import { painter } from "../text/colour.js";
import { explanationText, isWhole } from "../text/explanation.js";
import { jsonLine } from "../text/json.js";

/** `explain`: what a container sees of a device and why, or why it does not. */
export const explain: Define = (io, exit) =>
  new Command("explain")
    .description(
      "what a container that is attached sees of DEVICE, and by which rule; 1 if it does not see it, or something is in the way",
    )
    .argument("<NAME>", "the container")
    .argument(
      "<DEVICE>",
      "a devpath, a path below /sys, a node or a link to one, as the container or else the host calls it",
    )
    .option("--json", "one object")
    .action(async (name: string, given: string, { json = false }: { readonly json?: boolean }) => {
      const meant = await meantBy(given, io);
      const { explanation } = await askAttached(name, { type: "explain", ...meant }, io);
      await sayWhich(meant, explanation.devpath, `explain ${name}`, io);
      const text = json
        ? jsonLine({ type: "explanation", ...explanation })
        : explanationText(explanation, name, painter(io.stdout));
      await io.stdout.write(text);
      exit(isWhole(explanation) ? STATUS.done : STATUS.world);
    });
