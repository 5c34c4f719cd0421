/**
 * Has histories happen until one shows a fault; then it is caught, and the status is 1. Sources that are marked say which places were reached.
 * `[count of seeds] [steps]`
 */
import { temporaryDirectory } from "../../../../test/real/temporary.js";
import { FOUND } from "../simulator/found.js";
import { simulate } from "../simulator/simulate.js";
import type { Plan } from "../simulator/steps.js";
import { plan } from "../simulator/steps.js";

const [seeds = 0, steps = 0] = process.argv.slice(2).map(Number);

function* plans(): Generator<Plan> {
  for (const [, { setup, steps: few }] of FOUND) yield { seed: -1, setup, steps: few };
  for (let seed = 0; seed < seeds; seed++) yield plan(seed, steps);
}

{
  using directory = temporaryDirectory();
  for (const each of plans()) {
    const { faults } = await simulate(each, directory.path);
    process.send?.(faults.length === 0 ? { seed: each.seed } : { seed: each.seed, fault: faults[0] });
    if (faults.length === 0) continue;
    process.exitCode = 1;
    break;
  }
}
process.send?.({ reached: [...((globalThis as { reached?: Set<number> }).reached ?? [])] });
process.disconnect();
