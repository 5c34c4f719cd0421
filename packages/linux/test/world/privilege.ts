import type { TestContext } from "vitest";

import { isRoot } from "./containers.js";

/** The case goes on as root only. */
export function asRoot(context: TestContext): void {
  context.skip(!isRoot, "needs root");
}

/** The case goes on as an ordinary user only, to whom something is refused. */
export function asUser(context: TestContext): void {
  context.skip(isRoot, "needs an ordinary user: nothing is refused to root");
}
