import type { Plan } from "./steps.js";

/** Histories that are tried at most. */
const TRIES = 400;

/** Leaves out steps as long as `fails` says that what is left fails too. */
export async function shrink(failing: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let { steps } = failing;
  let tries = TRIES;
  for (let size = steps.length >> 1; size > 0; size >>= 1) {
    for (let start = 0; start < steps.length && tries > 0; tries--) {
      const fewer = [...steps.slice(0, start), ...steps.slice(start + size)];
      if (await fails({ ...failing, steps: fewer })) steps = fewer;
      else start += size;
    }
  }
  return { ...failing, steps };
}
