/** Mutants that nobody can notice, by their names, and why. */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  "packages/relay/src/outlet.ts #takeAll: i > 0 && i % CHUNK === 0 → (i > 0) || (i % CHUNK === 0)":
    "it sends more often, and the same",
  "packages/relay/src/learner.ts reconsiderAll: device.attributes.size > 0 → (device.attributes.size) >= (0)":
    "devices of which no attribute was asked are picked again, as they were",
  "packages/relay/src/core.ts settle: await Promise.all(containers.map((container) => container.settled(signal))); signal?.throwIfAborted(); → signal?.throwIfAborted(); await Promise.all(containers.map((container) => container.settled(signal)));":
    "who waits there ends with the same error where that is aborted",
  'packages/filter/src/condition.ts holdsAt: if (values === Unread) return Unread; if (typeof values === "string") return matches(pattern, values); → if (typeof values === "string") return matches(pattern, values); if (values === Unread) return Unread;':
    "they are one or the other",
  'packages/filter/src/glob.ts accepts: if (typeof token === "number") return token === point; if (token === "?") return true; → if (token === "?") return true; if (typeof token === "number") return token === point;':
    "it is one or the other",
  "packages/relay/src/outlet.ts #takeAll: i % CHUNK === 0 → (i % CHUNK) !== (0)": "it sends more often, and the same",
  'packages/relay/src/outlets/merge.ts whatIsSaid: if (concern.from !== undefined) return "moved"; if (concern.gone) return "went"; → if (concern.gone) return "went"; if (concern.from !== undefined) return "moved";':
    "nothing moves and goes at once",
  "packages/relay/src/resync.ts start: feed.resyncing = undefined; feed.resume(); → feed.resume(); feed.resyncing = undefined;":
    "what a source has is heard in a later turn",
  "packages/relay/src/known-device.ts identify: this.incarnation = incarnation; for (const call of this.onIdentified ?? []) call(incarnation); → for (const call of this.onIdentified ?? []) call(incarnation); this.incarnation = incarnation;":
    "who is called is given it, and asks for nothing else",
};
