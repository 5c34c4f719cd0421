import { expect, test } from "vitest";

import { writeFigures } from "../../scripts/reliability.mjs";
import { needs } from "../needs.js";
import { randomFrom } from "./churn/random.js";
import { casesOf, inject, record } from "./injected/cases.js";
import type { Case, Result } from "./injected/cases.js";
import { InjectedStage } from "./injected/stage.js";
import { tableOf } from "./injected/table.js";

const INJECTED_ERRORS = Number(process.env["INJECTED_ERRORS"] ?? 2); // calls that fail, one in each run of a relay
const SEED = Number(process.env["INJECTED_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
/** Calls of which the sample that is tried with each change has some: what comes of them was wrong before. */
const ONLY = new RegExp(process.env["INJECTED_ONLY"] ?? (process.env["INJECTED_ERRORS"] ? "" : "recvmmsg|sendmmsg"));

/** Cases that are tried until a call fails: threads take turns in other ways each time. */
const NEAR = 8;

async function injectOneOf(stage: InjectedStage, [first, ...others]: readonly Case[]): Promise<Result> {
  if (!first) throw new Error("no call of these can be had to fail");
  const result = await inject(stage, first);
  return result.failed === undefined && others.length > 0 ? injectOneOf(stage, others) : result;
}

test(
  `${INJECTED_ERRORS} calls of a relay fail, each in a run of its own: nothing is lost or left, and each error is ours (seed ${SEED})`,
  { timeout: 120_000 + 30_000 * INJECTED_ERRORS, ...needs("root", "loop devices", "cgroups", "debian package strace") },
  async () => {
    const random = randomFrom(SEED);
    await using stage = await InjectedStage.start();
    await stage.run(); // makes what stays
    const cases = casesOf(await record(stage)).filter(({ call }) => ONLY.test(call.kind));
    const step = Math.max(1, cases.length / INJECTED_ERRORS);
    const results: Result[] = [];
    for (let at = random() * Math.min(step, cases.length); at < cases.length; at += step) {
      const near = cases.slice(Math.floor(at), Math.floor(at) + NEAR);
      results.push(await injectOneOf(stage, near));
    }
    expect(results.filter(({ failed }) => failed !== undefined).length).toBeGreaterThan(results.length / 2);
    await writeFigures("injected-errors", tableOf(results));
    expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  },
);
