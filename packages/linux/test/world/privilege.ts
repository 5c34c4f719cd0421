import type { TestContext } from "vitest";

/** First host id of the containers that root makes. */
export const UID_BASE = 100_000;

export const isRoot = process.geteuid?.() === 0;

/** An ordinary user, and nobody else's: root's tests do as it does. */
export const USER = isRoot ? 64_321 : (process.geteuid?.() ?? 0);

/** The case goes on as root only. */
export function asRoot(context: TestContext): void {
  context.skip(!isRoot, "needs root");
}

/** The case goes on as an ordinary user only, to whom something is refused. */
export function asUser(context: TestContext): void {
  context.skip(isRoot, "needs an ordinary user: nothing is refused to root");
}

/** The work of an ordinary user, to whom something is refused. */
export function byUser<T>(work: () => T): T {
  process.seteuid?.(USER);
  try {
    return work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
