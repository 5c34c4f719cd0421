/**
 * `npm run mutate`: writes something else into the relay and the filter, one place at a time, and counts how often the simulator's histories
 * show it, and of those that they do not, how often a test does. Only places are taken that those histories reach.
 *
 *   --count N  mutants, drawn at random by --seed N
 *   --seeds N  histories for each, of --steps N
 *   --only WORD  in places whose name has it
 *
 * The last line counts those that were caught or cannot be, and those that nobody caught and nobody has explained.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";

import { EQUIVALENT } from "./equivalent.js";
import { failedWith, seenInHistories } from "./judges.js";
import type { Sources } from "./judges.js";
import { marked, mutated, sitesOf } from "./sites.js";
import type { Site } from "./sites.js";

const ROOT = process.cwd(); // as npm run has it
const SOURCES = ["packages/relay/src", "packages/filter/src"];
const PLACE = join(ROOT, ".cache/mutants");
/** Of a hundred. */
const CAUGHT_MIN = 95;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "500" },
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
    seeds: { type: "string", default: "200" },
    steps: { type: "string", default: "200" },
    only: { type: "string", default: "" },
  },
});
const histories = [Number(values.seeds), Number(values.steps)] as const;

type Verdict = "histories" | "tests" | "nobody";

function readAll(): Sources {
  const files = SOURCES.flatMap((directory) =>
    readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(ROOT, directory, name)),
  );
  return new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
}

/** Those that some history reaches. @throws Error where the histories show a fault as it is */
async function reachedOf(sites: readonly Site[], sources: Sources): Promise<readonly Site[]> {
  const numbers = new Map([...new Set(sites.map(placeOf))].map((place, i) => [place, i]));
  const numberOf = (site: Site): number => numbers.get(placeOf(site)) ?? -1;
  const texts = [...sources].map(([file, source]) => {
    const once = new Map(sites.filter((site) => join(ROOT, site.file) === file).map((site) => [placeOf(site), site]));
    const text = marked(
      source,
      [...once.values()],
      (site) => `(globalThis.reached ??= new Set()).add(${numberOf(site)})`,
    );
    return [file, text] as const;
  });
  const seen = await seenInHistories(join(PLACE, "marked.mjs"), new Map(texts), histories);
  if (!seen || seen.fault !== undefined)
    throw new Error(`the histories fail without a mutant: ${seen?.fault ?? "what is marked is no JavaScript"}`);
  const isReached = new Set(seen.reached);
  return sites.filter((site) => isReached.has(numberOf(site)));
}

const placeOf = ({ file, start, end }: Site): string => `${file} ${start} ${end}`;

/** As the seed has it: what is changed elsewhere leaves those that are drawn as they are. */
function shuffled(sites: readonly Site[], seed: number): Site[] {
  const at = ({ name }: Site): string => createHash("sha256").update(`${seed} ${name}`).digest("hex");
  return sites.toSorted((a, b) => (at(a) < at(b) ? -1 : 1));
}

/** Undefined: it is no JavaScript. */
async function judge(site: Site, sources: Sources, number: number): Promise<Verdict | undefined> {
  const file = join(ROOT, site.file);
  const mutant = mutated(sources.get(file) ?? "", site);
  const seen = await seenInHistories(join(PLACE, `${number}.mjs`), new Map([[file, mutant]]), histories);
  if (!seen) return undefined;
  if (seen.fault !== undefined) return "histories";
  return (await failedWith(join(PLACE, `${number}.json`), file, mutant)) === undefined ? "nobody" : "tests";
}

mkdirSync(PLACE, { recursive: true });
const sources = readAll();
const sites = [...sources].flatMap(([file, source]) => sitesOf(relative(ROOT, file), source));
const reached = await reachedOf(sites, sources);
console.log(
  `${sites.length} mutants could be made of ${sources.size} files; the histories reach ${reached.length} of them (seed ${values.seed})`,
);

const [[file = "", source = ""] = []] = sources;
const fault = await failedWith(join(PLACE, "none.json"), file, source);
if (fault !== undefined) throw new Error(`the tests fail without a mutant: ${fault}`);

const waiting = shuffled(
  reached.filter(({ name }) => name.includes(values.only)),
  Number(values.seed),
);
if (waiting.length === 0) throw new Error(`no place has ${values.only} in its name`);
const verdicts: (readonly [Site, Verdict])[] = [];
let left = Math.min(Number(values.count), waiting.length);
async function work(number: number): Promise<void> {
  for (let site = waiting.shift(); site && left > 0; site = waiting.shift()) {
    left--;
    const verdict = await judge(site, sources, number);
    if (!verdict) left++;
    else verdicts.push([site, verdict]);
    if (verdict === "nobody")
      console.log(`not caught, ${EQUIVALENT[site.name] ?? "AND NOT EXPLAINED"}: line ${site.line} of ${site.name}`);
    if (verdicts.length % 20 === 0) process.stderr.write(`${verdicts.length} tried\n`);
  }
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, (_, number) => work(number)));

if (verdicts.length === 0) throw new Error("no mutant could be tried");
const of = (wanted: Verdict): readonly Site[] =>
  verdicts.filter(([, verdict]) => verdict === wanted).map(([site]) => site);
const [tried, survivors] = [verdicts.length, of("nobody")];
const caught = `${tried - survivors.length} of ${tried} were caught, ${of("histories").length} of them by ${values.seeds} histories and ${of("tests").length} by a test alone`;
const rows = survivors.map(
  ({ name }) => `- \`${name.replaceAll("`", "'")}\`: ${EQUIVALENT[name] ?? "**not explained**"}`,
);
const { writeFigures } = (await import(join(ROOT, "scripts/reliability.mjs"))) as {
  writeFigures: (name: string, text: string) => Promise<void>; // it finds the page from where it is
};
await writeFigures("mutants", [`${caught}. The others:`, "", ...rows].join("\n"));
const unexplained = survivors.filter(({ name }) => EQUIVALENT[name] === undefined);
console.log(caught);
console.log(`${tried - unexplained.length} passed, ${unexplained.length} failed, 0 skipped`);
process.exitCode = unexplained.length > 0 || (tried - survivors.length) * 100 < CAUGHT_MIN * tried ? 1 : 0;
