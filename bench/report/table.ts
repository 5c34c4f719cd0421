import { markdownTable } from "markdown-table";

import type { Amount, Check, Row } from "../harness/result.js";
import { isMet, ratio } from "../harness/result.js";
import type { Costs } from "../harness/rounds.js";
import { three, time } from "./numbers.js";

const HEAD = ["work", "uevent-bridge", "C", "of C", "naive", "× naive", "target"];

/** What each row costs, beside C and the naive way, and whether that is what was asked for. */
export function table(rows: readonly Row[]): string {
  return markdownTable([HEAD, ...rows.map(line)], { align: ["l", "r", "r", "r", "r", "r", "l"] });
}

/** What many containers take. */
export function amountsTable(amounts: readonly Amount[]): string {
  const lines = amounts.map(({ what, each, all }) => [what, each, all]);
  return markdownTable([["of 1000 containers with ten devices each", "each", "all"], ...lines], {
    align: ["l", "r", "r"],
  });
}

function line({ work, by, ours, c, naive, checks }: Row): string[] {
  const cost = (costs: Costs | undefined): string => (costs ? time(costs[by].median) : "");
  const times = (costs: Costs | undefined): string => (costs ? three(ratio(costs, ours, by)) : "");
  return [work, cost(ours), cost(c), times(c), cost(naive), times(naive), checks.map(verdict).join(", ")];
}

/** `of C ≥ 0.9: met`, or what it is instead. */
function verdict(check: Check): string {
  const { what, value, bound, sense } = check;
  const target = `${what} ${sense === "at least" ? "≥" : "≤"} ${bound}`;
  return isMet(check) ? `${target}: met` : `${target}: ${three(value)}`;
}
