/** Mutants that nobody can notice, by their names, and why. */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  "packages/relay/src/outlet.ts #takeAll: i > 0 && i % CHUNK === 0 → (i > 0) || (i % CHUNK === 0)":
    "it sends more often, and the same",
  "packages/relay/src/learner.ts reconsiderAll: device.attributes.size > 0 → (device.attributes.size) >= (0)":
    "devices of which no attribute was asked are picked again, as they were",
  "packages/relay/src/claim-files.ts #readAll: for (const name of names) { if (ASIDE.test(name)) this.#removeOld(name); const found = CLAIM.test(na … wn.set(name, found); } this.#names = names.length; → this.#names = names.length; for (const name of names) { if (ASIDE.test(name)) this.#removeOld(name); …  : undefined; if (found) known.set(name, found); }":
    "how many names there are is asked only later",
  "packages/relay/src/core.ts settle: await Promise.all(containers.map((container) => container.settled(signal))); signal?.throwIfAborted(); → signal?.throwIfAborted(); await Promise.all(containers.map((container) => container.settled(signal)));":
    "who waits there ends with the same error where that is aborted",
};
