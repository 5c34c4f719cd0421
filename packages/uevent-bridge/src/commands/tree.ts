import { Command } from "commander";

import { STATUS } from "../command/error.js";
import { sentence } from "../command/failure.js";
import type { Define } from "../command/run.js";
import { askAttached } from "../control/ask-attached.js";
import { letGoOn, stoodStill } from "../text/frozen.js";
import { jsonLine } from "../text/json.js";
import { treeText } from "../text/tree.js";

/** `tree`: the devices that a container sees. */
export const tree: Define = (io, exit) =>
  new Command("tree")
    .description("the devices that a container that is attached sees, as a tree: node, rights, rule; 1 when none")
    .argument("<NAME>", "the container")
    .option("--json", "one object for each device")
    .action(async (name: string, { json = false }: { readonly json?: boolean }) => {
      const { devices, frozen } = await askAttached(name, { type: "tree" }, io);
      if (devices.length === 0) await io.stderr.write(`uevent-bridge: ${name} sees no device\n`);
      else
        await io.stdout.write(
          json ? devices.map((device) => jsonLine({ type: "device", ...device })).join("") : treeText(devices),
        );
      if (frozen) await io.stderr.write(sentence(stoodStill(name), letGoOn(name)));
      exit(devices.length > 0 ? STATUS.done : STATUS.world);
    });
