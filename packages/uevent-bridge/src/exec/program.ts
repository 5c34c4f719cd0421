import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";

import { CommandError, STATUS } from "../command/error.js";

/** Where the kernel's helper looks for programs. */
const PATH = ["/sbin", "/bin", "/usr/sbin", "/usr/bin"];

/** The path of a program that can be run. @throws CommandError */
export function findProgram(program: string): string {
  if (program === "") throw new CommandError(STATUS.words, "--exec is empty", "Give a program.");
  const candidates = program.includes("/") ? [resolve(program)] : PATH.map((directory) => `${directory}/${program}`);
  const found = candidates.find(isProgram);
  if (found !== undefined) return found;
  const where = program.includes("/") ? "" : ` in ${PATH.join(", ")}`;
  throw new CommandError(
    STATUS.world,
    `there is no program ${program}${where}`,
    "Give the path of one that may be executed.",
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
