/** Milliseconds between two looks. */
const LOOK_MS = 2;

/** Resolves when it is done, or after `ms`: what does not get done keeps nobody waiting. @throws when `signal` is aborted */
export async function patiently(isDone: () => boolean, ms: number, signal?: AbortSignal): Promise<void> {
  const until = performance.now() + ms;
  while (!isDone() && performance.now() < until) {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
