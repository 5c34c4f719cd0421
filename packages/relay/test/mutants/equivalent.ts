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
  'packages/filter/src/path.ts parseSegment: if (piece.text === "") throw piece.fail(\'"//" or "/" at the end of a path\', "Take the empty segment out."); if (piece.text === "**") return "**"; → if (piece.text === "**") return "**"; if (piece.text === "") throw piece.fail(\'"//" or "/" at the end of a path\', "Take the empty segment out.");':
    "it is one or the other",
  "packages/relay/src/outlets/preparation.ts #add: if (this.#waiting.holds(at, taken)) return this.#waiting.keep(said, at, taken); if (this.#waiting.isFull) return false; → if (this.#waiting.isFull) return false; if (this.#waiting.holds(at, taken)) return this.#waiting.keep(said, at, taken);":
    "where there is no room nothing is kept either",
  "packages/filter/src/router/path-trie.ts delete: if (below === undefined) return; nodes.push(below); → nodes.push(below); if (below === undefined) return;":
    "what was gathered is of no account then",
  "packages/filter/src/router/path-trie.ts delete: depth > 0 → (depth) >= (0)": "nothing is above the root",
  'packages/filter/src/pattern.ts parseSet: if (body.length === 0) throw whole.fail("This set of characters is empty", "Write characters into it … te "[!" for all but these, or "\\\\^" for itself.\'); → if (is(inner[0], "^")) throw whole.fail(\'"[^" is not known\', \'Write "[!" for all but these, or "\\\\^" … mpty", "Write characters into it: [abc], [a-c].");':
    "what is empty does not begin with it",
  'packages/filter/src/escape.ts trimmed: while (BLANK.test(piece.text[start] ?? "")) start++; let end = start; → let end = start; while (BLANK.test(piece.text[start] ?? "")) start++;':
    "of blanks alone nothing is left either way",
  "packages/relay/src/feed.ts take: this.#share.wait > 0 → (this.#share.wait) >= (0)": "what flows is let flow",
};
