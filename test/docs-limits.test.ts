import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { DEFAULT_LIMITS } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { readPage, rowsIn } from "./docs.js";
import { ROOT } from "./packages.js";

interface Bound {
  readonly what: string;
  /** As the page has it: numbers, parted by commas where there are several. */
  readonly said: string;
  /** A field of `Limits`, or a constant. */
  readonly name: string;
  readonly file: string | undefined;
}

const CELL = /^`(limits\.)?(\w+)`(?: in `([\w./-]+)`)?$/;

const bounds: readonly Bound[] = rowsIn(readPage("docs/limits.md"))
  .filter(([what]) => what !== "what")
  .map(([what = "", said = "", code = ""]) => {
    const [, , name = "", file] = CELL.exec(code) ?? [];
    return { what, said, name, file };
  });

/** Where something waits or is read that others write. */
const SOURCES = [
  "packages/kernel/src",
  "packages/linux/src",
  "packages/listener/src",
  "packages/relay/src",
  "packages/uevent-bridge/src/control",
  "packages/uevent-bridge/src/nested",
];

/** Numbers of these sources that bound nothing: layouts, flags of the system, what two sides agree on. */
const NO_BOUNDS = new Set(
  `ARENA_START LINE_START WORDS FD KIND START LENGTH NUMBER UID GID RESULT PID LEAST_CHARGE HEAD_ROOM TAIL_ROOM HEADER HEADER_SIZE
  ERROR_SIZE EVENT_SIZE BUFFER_SIZE TABLE_START OVERFLOW READABLE WRITABLE KERNEL_GROUP UDEV_GROUP NSFS_MAGIC
  CLONE_NEWNET INITIAL_USERNS O_PATH LISTENS PID_MAX NO_FD BY_THREAD NO_NUMBER MODE PARENT_MODE SMALL TOO_LONG
  SAFE_BYTES SHARED_INFO SK_BUFF WIRE_VERSION HOST_NETNS ATTEMPTS LOOK_MS_BUSY LOOK_MS_MAX END_MS WRITE_BY_OTHERS
  ANYTHING_BY_OTHERS PROC_MAGIC NOTHING_TO_DO HAS_TO_BE_MADE ANSWER_SIZE GLIMPSE_SIZE SURVEY_SIZE ENTRY_HEADER PAGE TYPE UDEV_HEADER WORD_BITS BTN_STYLUS KEYBOARD_KEYS
  MASS_STORAGE SCSI_SUBCLASSES OVERHEAD_BYTES NOT_FOUND UNLIMITED SIZE_MAX SIZE KEY REST KEY_SIZE
  ACCESS_SIZE ANY ALLOW_MULTI MAP_FD MAP_LOOKUP MARK CGROUP_MAGIC CGROUP2_MAGIC OCTAL RIGHTS CONTEXT LOAD_IMMEDIATE FROM_MEMORY FROM_REGISTER EXIT
  POLL_MS TURN TURNS VERSION HELD_SIZE DEPTH_MAX
  SENT_BYTES RECORD_BYTES TOLD_BYTES NOTHING MAGIC BLOCK RECORD SENT MESSAGE MESSAGE_LENGTH LINE_BYTES HEADER_BYTES LEDGER NO_LEDGER VERSION_MIN`.split(
    /\s+/,
  ),
);

const LIST = /^\[[\d_,\s]+\]$/;
const NUMBER = /^[\d_x.*+\-\s()a-fn]+$/;

/** The constants of a file that are numbers or lists of them, in TypeScript or C. */
function constantsIn(file: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(ROOT, file), "utf8");
  const declared = text.matchAll(/^(?:(?:export )?const|#define) ([A-Z][A-Z0-9_]*)(?:: [^=]+)?(?: = | )([^;/\n]+)/gm);
  const values = [...declared].map(([, name = "", value = ""]) => [name, evaluate(value.trim())] as const);
  return new Map(values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function evaluate(expression: string): string | undefined {
  if (LIST.test(expression)) return expression.slice(1, -1);
  if (!NUMBER.test(expression) || !/\d/.test(expression)) return undefined;
  // oxlint-disable-next-line typescript/no-implied-eval -- nothing but numbers and + - * ( )
  const compute = new Function(`return ${expression};`) as () => number;
  return `${compute()}`;
}

/** What the code says of a bound. */
async function valueOf({ name, file }: Bound): Promise<string | undefined> {
  if (file === undefined) return `${(DEFAULT_LIMITS as unknown as Record<string, number>)[name]}`;
  const literal = constantsIn(file).get(name);
  if (literal !== undefined) return literal;
  const module = (await import(join(ROOT, file))) as Readonly<Record<string, unknown>>;
  return `${module[name] as number}`; // computed of others
}

describe("docs/limits.md", () => {
  test.each(bounds)("$what: $said", async (bound) => {
    expect({ ...bound, said: await valueOf(bound) }).toEqual(bound);
  });

  test("has a row for each limit that can be set", () => {
    const named = bounds.filter(({ file }) => file === undefined).map(({ name }) => name);
    expect(new Set(named)).toEqual(new Set(Object.keys(DEFAULT_LIMITS)));
  });

  test.each(SOURCES)("has a row for each bound in %s", (directory) => {
    const names = readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" });
    const files = names.filter((name) => name.endsWith(".ts") && !name.startsWith("testing/"));
    const named = new Set(bounds.map(({ name }) => name));
    const constants = files.flatMap((file) =>
      [...constantsIn(`${directory}/${file}`).keys()].map((name) => ({ file, name })),
    );
    expect(constants.filter(({ name }) => !named.has(name) && !NO_BOUNDS.has(name))).toEqual([]);
  });
});
