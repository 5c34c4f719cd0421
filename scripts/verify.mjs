/**
 * `npm run verify [NAME…]`: the tests that are worth more the longer they run, at length, as root: more than an hour for all, and ten more
 * for FUZZ_SECONDS. It writes what it saw into docs/verification.md, beside what others saw before; tests write figures into
 * docs/reliability.md.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { markdownTable } from "markdown-table";
import { format } from "prettier";
import { inCache, inTree } from "./bootstrap/paths.mjs";

const PAGE = inTree("docs/verification.md");

/** Each sets how much a test does by a variable that the test reads. */
const RUNS = [
  {
    what: "random histories of 200 steps, after which each receiver must know exactly what it may see",
    file: "packages/relay/test/simulator.test.ts",
    variable: "SIMULATOR_SEEDS",
    count: 10_000,
  },
  {
    what: "policies, each asked about every recorded device by the router and by a plain matcher",
    file: "packages/filter/test/agreement.test.ts",
    variable: "AGREEMENT_RUNS",
    count: 2000,
  },
  {
    what: "events of real loop devices to three containers, by socket and then by netlink",
    file: "test/real/many-events.test.ts",
    variable: "MANY_EVENTS",
    count: 400_000,
  },
  {
    what: "storms of 200 000 events of real devices that overrun the relay's buffer, after each of which five containers must know exactly what there is",
    file: "test/real/storm.test.ts",
    variable: "OVERRUN_RUNS",
    count: 100,
  },
  {
    what: "events for each of which the agent runs mdev, in order for each device",
    file: "test/real/agent.test.ts",
    variable: "AGENT_EVENTS",
    count: 1000,
  },
  {
    what: "restarts of a relay that is killed, after each of which a listener and a relay in the container must be right",
    file: "test/real/restarts.test.ts",
    variable: "RESTARTS",
    count: 200,
  },
  {
    what: "restarts of a service that is killed or ended while devices come, change and go: all is told once, in order",
    file: "test/real/service.test.ts",
    variable: "SERVICE_RESTARTS",
    count: 200,
  },
  {
    what: "histories in which relays are killed in the middle of telling, and the next ones tell what waited for them",
    file: "packages/relay/test/replay.test.ts",
    variable: "REPLAYS",
    count: 2000,
  },
  {
    what: "seconds in which real disks and network devices come, go and are renamed at random",
    file: "test/real/churn.test.ts",
    variable: "CHURN_SECONDS",
    count: 120,
  },
  {
    what: "times that a stick, a keyboard, a serial adapter and a disk are plugged into a virtual machine and pulled out, each followed by another one with its number",
    file: "test/vm/plug.test.ts",
    variable: "VM_ROUNDS",
    count: 50,
  },
  {
    what: "plug cycles in each container of eight, of four engines, in which a program opens what it can as fast as it can",
    file: "test/real/view-engines.test.ts",
    variable: "PLUG_CYCLES",
    count: 1000,
  },
  {
    what: "containers of four engines that run already, with id mapping and without, each of which gets a disk, uses it and loses it, and opens its other devices throughout",
    file: "test/real/single-nodes.test.ts",
    variable: "ENGINE_CASES",
    count: 8,
  },
  {
    what: "times that a disk comes and goes while a root exchanges what is in its /dev as fast as it can",
    file: "test/real/dev-exchanged.test.ts",
    variable: "CHURN_CYCLES",
    count: 100,
  },
  {
    what: "kills of the relay of each container of two, after each of which all must be as the policy says, and the host as it was in the end",
    file: "test/real/view-kills.test.ts",
    variable: "KILLS",
    count: 100,
  },
  {
    what: "changes that a relay makes of the system's, of all from its start to its end, instead of each of which it is killed in each container of two; the next one must do as the policy says, and leave the host as it was",
    file: "test/real/view-kills.test.ts",
    variable: "KILL_CHANGES",
    count: 100,
  },
  {
    what: "calls of a relay to the system, each of which fails in a run of its own with EMFILE, ENOSPC, EPERM or ENOMEM; what containers know must be right then, and nothing left",
    file: "test/real/injected-errors.test.ts",
    variable: "INJECTED_ERRORS",
    count: 800,
  },
  {
    what: "times one container hands a device over to another, while a program in each opens it as fast as it can",
    file: "test/real/view-transfer.test.ts",
    variable: "TRANSFERS",
    count: 1000,
  },
  {
    what: "times the same with a relay of its own for each container, by the command",
    file: "test/real/command-transfer.test.ts",
    variable: "COMMAND_TRANSFERS",
    count: 200,
  },
  {
    what: "times two relays claim a device at the same moment, and one is killed while it hands a device over",
    file: "test/real/claims-command.test.ts",
    variable: "CLAIM_ROUNDS",
    count: 50,
  },
  {
    what: "mutants of the relay and the filter, at least 95 in 100 of which histories or tests must notice; the others are explained",
    file: "scripts/mutate.mjs",
    variable: "MUTANTS",
    count: 500,
    words: ["--count", "500"],
  },
  {
    what: "seconds of coverage-guided fuzzing of each decoder, and of each part of the C core and the agent under sanitizers",
    file: "scripts/fuzz.mjs",
    variable: "FUZZ_SECONDS",
    count: 3600,
    words: ["--seconds", "3600"],
  },
];

const COUNTS = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m;

/** Resolves with what the test's last line says. */
async function run({ file, variable, count, words }) {
  const logFile = inCache("verify", `${variable}.log`);
  const log = openSync(logFile, "w");
  const test = [inTree("node_modules/vitest/vitest.mjs"), "run", "--configLoader", "runner", file];
  const child = spawn(process.execPath, words ? [inTree(file), ...words] : test, {
    stdio: ["ignore", log, words ? "inherit" : log], // who has words says how far it is
    env: { ...process.env, [variable]: `${count}`, WRITE_FIGURES: "1", NO_COLOR: "1" },
  });
  closeSync(log);
  await new Promise((resolve) => child.once("exit", resolve));
  const [, passed = "0", failed = "1", skipped = "0"] = COUNTS.exec(readFileSync(logFile, "utf8")) ?? [];
  const isGood = passed !== "0" && failed === "0" && skipped === "0";
  return {
    isGood,
    result: isGood ? "passed" : `FAILED (${passed} passed, ${failed} failed, ${skipped} skipped)`,
    logFile,
  };
}

/** A run as the page has it. */
function rowOf({ count, what, file }, result, seconds) {
  const day = new Date().toISOString().slice(0, "2026-01-01".length);
  return [count.toLocaleString("en").replaceAll(",", " "), what, `\`${file}\``, result, `${seconds} s`, day];
}

/** By what they tried: those on the page that was written before. */
function rowsBefore() {
  const lines = readFileSync(PAGE, "utf8").split("\n");
  const rows = lines.filter((line) => line.startsWith("|")).map((line) => line.split("|").slice(1, -1));
  return new Map(rows.map((cells) => cells.map((cell) => cell.trim())).map((cells) => [cells[1], cells]));
}

function page(rows) {
  const [{ model }] = cpus();
  const head = ["how many", "what", "test", "result", "took", "on"];
  const text = `# Verification

<!-- Written by \`npm run verify\`. -->

What runs at length, beside the tests of each change. Linux ${release()}, Node ${process.version}, ${cpus().length} processors (${model}).

${markdownTable([head, ...rows], { align: ["r", "l", "l", "l", "r", "r"] })}
`;
  return format(text, { parser: "markdown", printWidth: 120 });
}

const names = process.argv.slice(2);
const unknown = names.find((name) => RUNS.every(({ variable }) => variable !== name));
if (unknown !== undefined) {
  process.stderr.write(`no run is called ${unknown}: there are ${RUNS.map(({ variable }) => variable).join(", ")}\n`);
  process.exit(2);
}
mkdirSync(inCache("verify"), { recursive: true });
const rows = rowsBefore();
for (const each of RUNS.filter(({ variable }) => names.length === 0 || names.includes(variable))) {
  process.stderr.write(`${each.variable}: ${each.count} ${each.what} … `);
  const started = performance.now();
  const { isGood, result, logFile } = await run(each);
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stderr.write(`${result}, ${seconds} s${isGood ? "" : `; the whole log: ${logFile}`}\n`);
  if (!isGood) process.exitCode = 1;
  rows.set(each.what, rowOf(each, result, seconds));
  writeFileSync(PAGE, await page(RUNS.flatMap(({ what }) => (rows.has(what) ? [rows.get(what)] : []))));
}
