/** Mutants that nobody can notice, by their names, and why. */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  'packages/relay/src/registry.ts #move: if (from === undefined) return this.#said(event, atNewPath, "change"); const device = this.tree.get(from); → const device = this.tree.get(from); if (from === undefined) return this.#said(event, atNewPath, "change");':
    "to ask the tree for no path changes nothing",
  "packages/relay/src/outlet.ts #takeAll: i > 0 && i % CHUNK === 0 → (i > 0) || (i % CHUNK === 0)":
    "it sends more often, and the same",
  "packages/relay/src/learner.ts reconsiderAll: device.attributes.size > 0 → (device.attributes.size) >= (0)":
    "devices of which no attribute was asked are picked again, as they were",
};
