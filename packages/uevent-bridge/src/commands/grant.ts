import { Command } from "commander";

import { deviceOf } from "../command/device.js";
import { STATUS } from "../command/error.js";
import { sentence } from "../command/failure.js";
import { parseWords } from "../command/granted-words.js";
import { collect } from "../command/rules.js";
import type { Define } from "../command/run.js";
import { unseen } from "../command/why.js";
import { askAttached } from "../control/ask-attached.js";
import type { Changed } from "../control/protocol.js";
import { count } from "../text/count.js";
import { letGoOn, stoodStill } from "../text/frozen.js";
import { jsonLine } from "../text/json.js";

interface Options {
  readonly access?: string;
  readonly as?: string;
  readonly mode?: string;
  readonly owner?: string;
  readonly sysfs: readonly string[];
  readonly exclusive?: boolean;
  readonly json?: boolean;
}

/** `grant`: lets a container see a device, beside its rules. */
export const grant: Define = (io, exit) =>
  new Command("grant")
    .description(
      "let a container that is attached see DEVICE and what is below, beside its rules, until the device goes",
    )
    .argument("<NAME>", "the container")
    .argument("<DEVICE>", "a devpath, a path below /sys, a node or a link to one")
    .option("--access <how>", "r, w, rw or rwm: what its programs may do with it, if not rw")
    .option("--as <name>", "the name of its node in the container's /dev")
    .option("--mode <octal>", "the permission bits of its node")
    .option("--owner <uid:gid>", "the owner of its node, as the container counts")
    .option("--sysfs <rw:attr>", "an attribute that the container may write; may be repeated", collect, [])
    .option("--exclusive", "no other container may have it")
    .option("--json", "one object")
    .action(async (name: string, given: string, { json = false, ...options }: Options) => {
      const words = wordsOf(options);
      parseWords(words);
      const device = await deviceOf(given, io);
      const changed = await askAttached(name, { type: "grant", device, words }, io);
      if (changed.explanation.reason !== "allowed") throw unseen(changed.explanation, name);
      const { devpath, node, frozen } = changed.explanation;
      const back = given.startsWith("/dev/") && given !== node?.path ? devpath : given; // the container may call another one so
      const text = sentence(describe(name, changed), `To take it back: uevent-bridge revoke ${name} ${back}`);
      const still = frozen ? sentence(stoodStill(name), letGoOn(name)) : "";
      await (json ? io.stdout.write(objectOf(name, changed)) : io.stderr.write(text + still));
      exit(STATUS.done);
    });

function objectOf(name: string, { added, explanation: { devpath, node, frozen } }: Changed): string {
  return jsonLine({ type: "granted", name, devpath, added, ...(node && { node }), ...(frozen && { frozen }) });
}

function describe(name: string, { added, explanation: { devpath } }: Changed): string {
  if (added === 0) return `${name} saw ${devpath} already`;
  const below = added > 1 ? ` and ${count(added - 1, "device")} below` : "";
  return `${name} sees ${devpath}${below} from now on`;
}

/** As they stand in a rule. */
function wordsOf({ sysfs, exclusive, ...values }: Omit<Options, "json">): string {
  const words = Object.entries(values).map(([word, value]) => `${word}=${value}`);
  return [...words, ...sysfs.map((attribute) => `sysfs=${attribute}`), ...(exclusive ? ["exclusive"] : [])].join(",");
}
