/** Does the work once the signal is aborted; soon, if it was already. Returns how to take that back. */
export function onceAborted(signal: AbortSignal | undefined, work: () => void): () => void {
  if (signal?.aborted) queueMicrotask(work);
  else signal?.addEventListener("abort", work, { once: true });
  return () => signal?.removeEventListener("abort", work);
}
