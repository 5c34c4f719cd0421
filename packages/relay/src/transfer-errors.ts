import { BridgeError } from "./errors.js";

export function notAttached(name: string): BridgeError {
  return new BridgeError("TARGET_GONE", `no container named ${name} is attached`, { remedy: `Attach ${name} first.` });
}

export function isPassing(devpath: string): BridgeError {
  const message = `${devpath} passes from one container to another at this moment`;
  return new BridgeError("HELD", message, { remedy: "Try again when that one has it." });
}

/** `above`: what is held above it. */
export function notHeld(devpath: string, above: string | undefined): BridgeError {
  if (above !== undefined)
    return new BridgeError("HELD", `${devpath} is held with ${above}, above it`, { remedy: `Transfer ${above}.` });
  const remedy = "Give it to one container alone: grant() with exclusive, or a rule that says exclusive.";
  return new BridgeError("HELD", `nobody holds ${devpath}, so nobody can hand it over`, { remedy });
}

export function barred(name: string, devpath: string): BridgeError {
  const message = `${name} may not see ${devpath}: it is denied, revoked or in another network namespace`;
  return new BridgeError("POLICY_CONFLICT", message, {
    remedy: `Take back what denies it: uevent-bridge explain ${name} ${devpath} names it.`,
  });
}

export function wrongGrace(graceMs: number): BridgeError {
  const message = `${graceMs} is no number of milliseconds to wait`;
  return new BridgeError("POLICY_CONFLICT", message, { remedy: "Give 0 or more." });
}
