import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Stack } from "../stack.js";
import { temporaryDirectory } from "../temporary.js";

/** A directory through which a container's root comes, and one in it for the programs that it is to find inside. */
export function programsDirectory(stack: Stack): { readonly directory: string; readonly programs: string } {
  const directory = stack.use(temporaryDirectory()).path;
  chmodSync(directory, 0o711);
  const programs = join(directory, "programs");
  mkdirSync(programs);
  return { directory, programs };
}
