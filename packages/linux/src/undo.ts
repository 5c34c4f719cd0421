/** The result of `work`; if it throws, what was done before it is undone. */
export function orUndo<T>(work: () => T, undo: () => void): T {
  try {
    return work();
  } catch (error) {
    undo();
    throw error;
  }
}

/** Does each of these, whatever the others throw; then throws what was thrown last. */
export function doEach(...steps: readonly (() => unknown)[]): void {
  let thrown: { readonly error: unknown } | undefined;
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      thrown = { error };
    }
  }
  if (thrown) throw thrown.error;
}
