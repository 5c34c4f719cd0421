import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node";

/**
 * Set by continuous integration, where what a test needs is there: the only reasons for which one may be skipped,
 * separated by `|`. A test that is skipped for another counts as failed.
 */
const MAY_SKIP = process.env["UEVENT_BRIDGE_MAY_SKIP"]?.split("|");

/** Ends a run with the reasons of what was skipped and one line of counts. */
export default class Counts implements Reporter {
  #wanted: RegExp | undefined;

  /** What `-t` leaves out is not counted. */
  onInit({ config: { testNamePattern } }: Vitest): void {
    this.#wanted = testNamePattern;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const all = modules.flatMap((module) => [...module.children.allTests()]);
    const tests = all.filter(({ fullName }) => this.#wanted?.test(fullName.replaceAll(" > ", " ")) ?? true);
    const skipped = tests.filter((test) => test.result().state === "skipped");
    const passed = tests.filter((test) => test.result().state === "passed").length;
    const failed = tests.filter((test) => test.result().state === "failed");
    const broken = modules.flatMap(brokenSuites).length + unhandledErrors.length;
    const missed = skipped.filter((test) => !maySkip(reasonOf(test))).length;
    if (missed > 0) process.exitCode = 1;

    for (const line of [...failed.map(failure), ...reasons(skipped)]) console.log(line);
    console.log(`${passed} passed, ${failed.length + broken + missed} failed, ${skipped.length - missed} skipped`);
  }
}

/** Files that do not load and suites whose hooks fail: no test of theirs counts as failed. */
function brokenSuites(module: TestModule): readonly unknown[] {
  return [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
}

/** One line, which continuous integration says once more at its end. */
function failure(test: TestCase): string {
  const [error] = test.result().errors ?? [];
  return `  failed: ${nameOf(test)}: ${error?.message.split("\n", 1)[0] ?? "no error"}`;
}

function reasons(skipped: readonly TestCase[]): readonly string[] {
  const kinds = [...new Set(skipped.map(reasonOf))];
  return kinds.map((reason) => {
    const tests = skipped.filter((test) => reasonOf(test) === reason);
    const names = !maySkip(reason) || reason === NO_REASON ? tests.map((test) => `\n    ${nameOf(test)}`) : [];
    return `  ${tests.length} skipped: ${reason}${names.join("")}`;
  });
}

const maySkip = (reason: string): boolean => MAY_SKIP?.includes(reason) ?? true;

const NO_REASON = "no reason given; CONTRIBUTING.md says how";

function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  return test.meta().skipped ?? note ?? (setupFailed(test) ? "what runs before it failed" : NO_REASON);
}

function setupFailed({ parent }: TestCase | TestSuite): boolean {
  return parent.errors().length > 0 || (parent.type === "suite" && setupFailed(parent));
}

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;
