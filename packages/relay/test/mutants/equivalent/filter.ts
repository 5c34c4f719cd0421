/** Mutants of the filter that nobody can notice, by their names, and why. */
export const FILTER: Readonly<Record<string, string>> = {
  'packages/filter/src/condition.ts holdsAt: if (values === Unread) return Unread; if (typeof values === "string") return matches(pattern, values); → if (typeof values === "string") return matches(pattern, values); if (values === Unread) return Unread;':
    "they are one or the other",
  'packages/filter/src/entry.ts readEntry: if (term.form !== "keyed") checkBlank(value); const distinct = key ?? (term.form === "list" ? value : undefined); → const distinct = key ?? (term.form === "list" ? value : undefined); if (term.form !== "keyed") checkBlank(value);':
    "who checks it leaves it as it is",
  "packages/filter/src/escape.ts splitUnescaped: i < piece.text.length → (i) <= (piece.text.length)":
    "behind the end nothing stands",
  'packages/filter/src/escape.ts trimmed: while (BLANK.test(piece.text[start] ?? "")) start++; let end = start; → let end = start; while (BLANK.test(piece.text[start] ?? "")) start++;':
    "of blanks alone nothing is left either way",
  'packages/filter/src/glob.ts accepts: if (typeof token === "number") return token === point; if (token === "?") return true; → if (token === "?") return true; if (typeof token === "number") return token === point;':
    "it is one or the other",
  'packages/filter/src/parse.ts readPair: checkOperator(whole, head, value, equals); const colon = indexOfUnescaped(head, ":"); → const colon = indexOfUnescaped(head, ":"); checkOperator(whole, head, value, equals);':
    "who checks it leaves it as it is",
  'packages/filter/src/parse.ts readTerm: if (whole.text === "") throw whole.fail("This term is empty", \'Write a term, or take the "," out.\'); … .test(whole.text)) return readDevShorthand(whole); → if (/^\\/dev(\\/|$)/.test(whole.text)) return readDevShorthand(whole); if (whole.text === "") throw wh …  is empty", \'Write a term, or take the "," out.\');':
    "what is empty does not begin with it",
  "packages/filter/src/path.ts coversNames: star >= 0 → (star) > (0)":
    "a path begins with /devices, and not with stars",
  'packages/filter/src/path.ts parseSegment: if (segment.exact === "." || segment.exact === "..") throw piece.fail(`"${segment.exact}" in a path` … sys has no "/"\', \'The kernel writes "!" for it.\'); → if (segment.exact?.includes("/")) throw piece.fail(\'A name in /sys has no "/"\', \'The kernel writes " … exact}" in a path`, "Write the path without it.");':
    "it is one or the other",
  "packages/filter/src/pattern.ts matchesOne: if (exact !== undefined) return exact === value; return value.startsWith(prefix) && matchTokens(tokens, value); → return value.startsWith(prefix) && matchTokens(tokens, value); if (exact !== undefined) return exact === value;":
    "its characters, one by one, match nothing else",
  "packages/filter/src/pattern.ts parseAlternative: at > i → (at) >= (i)": "what opens a set does not close one",
  'packages/filter/src/pattern.ts parseSet: if (body.length === 0) throw whole.fail("This set of characters is empty", "Write characters into it … te "[!" for all but these, or "\\\\^" for itself.\'); → if (is(inner[0], "^")) throw whole.fail(\'"[^" is not known\', \'Write "[!" for all but these, or "\\\\^" … mpty", "Write characters into it: [abc], [a-c].");':
    "what is empty does not begin with it",
  'packages/filter/src/pattern.ts parseSet: if (last < first) throw whole.fail("This range goes backwards", "Write the lower character first: [a-c]."); ranges.push([first, last]); → ranges.push([first, last]); if (last < first) throw whole.fail("This range goes backwards", "Write the lower character first: [a-c].");':
    "of what is refused nobody gets the ranges",
  'packages/filter/src/router/anchors.ts find: this.#paths.find(device.devpath, visitor.found); for (const [term, slots] of this.#slots) { const la … t = at.parent) findAt(term, slots, at, visitor); } → for (const [term, slots] of this.#slots) { const last = term.role === "place" ? undefined : device.p … } this.#paths.find(device.devpath, visitor.found);':
    "those that are found are in no order",
  "packages/filter/src/router/path-trie.ts #step: ++this.#steps → --this.#steps":
    "no two searches have the same number, and none has 0",
  "packages/filter/src/router/path-trie.ts #step: if (node.loops) enter(node); node.children.find(name, enter); → node.children.find(name, enter); if (node.loops) enter(node);":
    "those that are found are in no order",
  "packages/filter/src/router/path-trie.ts delete: depth > 0 → (depth) >= (0)": "nothing is above the root",
  "packages/filter/src/router/path-trie.ts delete: if (below === undefined) return; nodes.push(below); → nodes.push(below); if (below === undefined) return;":
    "what was gathered is of no account then",
  "packages/filter/src/router/path-trie.ts find: active.length > 0 → (active.length) >= (0)":
    "from nowhere no search goes on",
  "packages/filter/src/router/path-trie.ts find: items.size > 0 → (items.size) >= (0)": "among none nobody is found",
  "packages/filter/src/router/path-trie.ts find: start <= devpath.length → (start) < (devpath.length)":
    "no path ends with a slash",
  "packages/filter/src/router/pattern-index.ts find: if (exact !== undefined) found(exact); if (this.#globs.size > 0) this.#findGlobs(value, found); → if (this.#globs.size > 0) this.#findGlobs(value, found); if (exact !== undefined) found(exact);":
    "those that are found are in no order",
  "packages/filter/src/router/pattern-index.ts find: this.#globs.size > 0 → (this.#globs.size) >= (0)":
    "among none nothing is found",
  "packages/filter/src/router/router.ts picks: ++this.#searches → --this.#searches":
    "no two searches have the same number, and none has 0",
  "packages/filter/src/router/router.ts picks: selector.seenIn = search; if (isPicked(selector, device, ask)) picked.push(selector); → if (isPicked(selector, device, ask)) picked.push(selector); selector.seenIn = search;":
    "who is asked about a device does not search meanwhile",
  'packages/filter/src/router/router.ts sayUnreadAnchor: unread(at, anchor.look.attribute?.(anchor.key) ?? ""); for (const condition of open) sayUnread(condition, device, unread); → for (const condition of open) sayUnread(condition, device, unread); unread(at, anchor.look.attribute?.(anchor.key) ?? "");':
    "what is to be read is in no order",
  "packages/filter/src/router/slot.ts add: for (const alternative of pattern) { const items = this.#index.get(alternative); if (items === undef … ke(this.#groups, rest, () => new Set()).add(item); → getOrMake(this.#groups, rest, () => new Set()).add(item); for (const alternative of pattern) { const … rnative, new Set([item])); else items.add(item); }":
    "neither asks for the other",
  'packages/filter/src/terms/keys.ts checkProperty: if (name.includes("=")) throw key.fail(\'No property has a "=" in its name\', "Take it out."); if (OF_ … a rule looks at a device`, "Take this term out."); → if (OF_EVENTS.has(name)) throw key.fail(`${name} is of an event, and a rule looks at a device`, "Tak …  property has a "=" in its name\', "Take it out.");':
    'no property of an event has a "=" in its name',
};
