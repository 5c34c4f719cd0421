import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { inside } from "../directory-above.js";
import { isReserved } from "./reserved.js";

/** Runtimes mount the container's terminal on it. */
const CONSOLE = "console";

/** The names in a `/dev` of ours on which something can be mounted that hides nothing: empty directories, the console, what is for that. */
export function* mountpointsIn(root: number, above = ""): Generator<string> {
  const entries = readdirSync(inside(root, above), { withFileTypes: true });
  if (entries.length === 0 && above !== "") yield above;
  for (const entry of entries) {
    const name = join(above, entry.name);
    if (entry.isDirectory()) yield* mountpointsIn(root, name);
    else if (name === CONSOLE || (entry.isCharacterDevice() && isReserved(lstatSync(inside(root, name))))) yield name;
  }
}
