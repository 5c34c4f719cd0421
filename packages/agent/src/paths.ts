import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { AgentError } from "./errors.js";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

/** Where the program `uevent-agent` is: static, so that its file alone can be copied into a container. @throws AgentError */
export function agentPath(packageRoot: string = PACKAGE): string {
  return find(packageRoot, "uevent-agent");
}

/** Where the library `uevent-shim.so` is, for `LD_PRELOAD`. @throws AgentError */
export function shimPath(packageRoot: string = PACKAGE): string {
  return find(packageRoot, "uevent-shim.so");
}

/** A build of this checkout, or what came with the package. */
function find(packageRoot: string, name: string): string {
  const places = ["build", join("prebuilds", `${process.platform}-${process.arch}`)];
  const found = places.map((place) => join(packageRoot, place, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new AgentError("ADDON_MISSING", `${name} is not there for ${process.platform}-${process.arch}`, {
    remedy: `Build it, which takes a C compiler: node ${join(packageRoot, "build.mjs")}`,
  });
}
