import { readdirSync } from "node:fs";
import { join } from "node:path";

import { inside } from "../directory-above.js";

/** The names in a `/dev` of ours on which something can be mounted that hides nothing: files, and directories that are empty. */
export function* mountpointsIn(root: number, above = ""): Generator<string> {
  const entries = readdirSync(inside(root, above), { withFileTypes: true });
  if (entries.length === 0 && above !== "") yield above;
  for (const entry of entries) {
    const name = join(above, entry.name);
    if (entry.isDirectory()) yield* mountpointsIn(root, name);
    else if (entry.isFile()) yield name;
  }
}
