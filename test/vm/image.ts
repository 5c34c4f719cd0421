import { execFileSync } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { isFresh, stamped } from "../../scripts/bootstrap/stamp.mjs";
import { ROOT } from "../packages.js";

/** Where what QEMU boots is kept; `build.sh` says what that is. */
export const IMAGE = join(ROOT, ".cache/vm");

const STEP = {
  name: "vm",
  inputs: () => ["test/vm/machine"],
  runtime: [process.version],
  outputs: () => ["vmlinuz", "initrd", "root.img"].map((file) => `.cache/vm/${file}`),
};

/** Builds it if it is not there, or was made of something else. @throws Error with the end of the log */
export async function bringImageUpToDate(): Promise<void> {
  if (isFresh(STEP)) return;
  await stamped(STEP, build);
}

function build(): boolean {
  mkdirSync(IMAGE, { recursive: true });
  const log = join(IMAGE, "build.log");
  const out = openSync(log, "w");
  try {
    execFileSync(join(ROOT, "test/vm/machine/build.sh"), [IMAGE, process.execPath], { stdio: ["ignore", out, out] });
  } catch (cause) {
    const end = readFileSync(log, "utf8").split("\n").slice(-20).join("\n");
    throw new Error(`the virtual machine could not be built; try apt-get update. The end of ${log}:\n${end}`, {
      cause,
    });
  }
  return true;
}
