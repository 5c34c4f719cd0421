import type { Explanation } from "@uevent-bridge/relay";

import { CommandError, STATUS } from "./error.js";

/** Why a container sees a device or does not, and what to do where it should. */
export interface Why {
  readonly why: string;
  readonly remedy: string;
}

/** @param name of the container */
export function whyOf(explanation: Explanation, name: string): Why {
  const { devpath, reason, rule = "" } = explanation;
  switch (reason) {
    case "allowed":
      return { why: `${byRule(rule)} lets it in${at(explanation)}`, remedy: "" };
    case "denied":
      return { why: `${byRule(rule)} hides it${at(explanation)}`, remedy: allowAgain(explanation, name) };
    case "no-rule":
      if (isOthers(explanation, name)) return withRule(explanation, name);
      return { why: `no rule of ${name} lets it in`, remedy: `To let it in: uevent-bridge grant ${name} ${devpath}` };
    case "held":
      return heldBy(explanation, name);
    case "other-netns":
      return {
        why: "it is in another network namespace",
        remedy: "Move it into the container's: ip link set … netns …",
      };
    default:
      return { why: "there is no such device", remedy: "What there is: uevent-bridge match --allow /devices." };
  }
}

/** That a container does not see a device. */
export function unseen(explanation: Explanation, name: string): CommandError {
  const { why, remedy } = whyOf(explanation, name);
  return new CommandError(STATUS.world, `${name} does not see ${explanation.devpath}: ${why}`, remedy);
}

/** A grant or a revocation is named as the rule that it is. */
function byRule(rule: string): string {
  return /^(grant|revoke) \//.test(rule) ? `the ${rule}` : `the rule ${rule}`;
}

/** True where what hides a device is a revocation of it: a grant of it lifts that, and a transfer. */
export function isRevoked({ reason, rule, devpath }: Explanation): boolean {
  return reason === "denied" && rule === `revoke ${devpath}`;
}

/** What helps where no relay serves the holder of a device any more. */
export function byHand({ holder, claim }: Explanation): string {
  return claim === undefined
    ? ""
    : `If ${holder} is not attached any more and will never be again, remove ${claim}: the device is free then.`;
}

function isOthers({ holder }: Explanation, name: string): boolean {
  return holder !== undefined && holder !== name;
}

function withRule(explanation: Explanation, name: string): Why {
  const { why, remedy } = heldBy(explanation, name);
  return { why: `no rule of ${name} lets it in, and ${why}`, remedy };
}

function heldBy(explanation: Explanation, name: string): Why {
  const { holder, devpath } = explanation;
  if (holder !== undefined) {
    const handOver = `To hand it over: uevent-bridge transfer ${devpath} ${name}.`;
    return { why: `${holder} holds it, alone`, remedy: `${handOver} ${byHand(explanation)}`.trimEnd() };
  }
  const remedy = "To have one let go of it: uevent-bridge revoke NAME DEVICE. If it is being handed over, ask again.";
  return { why: "another container has something of it", remedy };
}

function at({ rule = "", picked, devpath }: Explanation): string {
  return picked === undefined || picked === devpath || rule.endsWith(` ${picked}`) ? "" : `, at ${picked}`;
}

function allowAgain(explanation: Explanation, name: string): string {
  const { rule = "", devpath } = explanation;
  if (isRevoked(explanation) && isOthers(explanation, name))
    return `To lift that, and hand it over: uevent-bridge transfer ${devpath} ${name}. ${byHand(explanation)}`.trimEnd();
  const revoked = /^revoke (.*)$/.exec(rule)?.[1];
  if (revoked !== undefined) return `To lift that: uevent-bridge grant ${name} ${revoked}`;
  return `A deny rule wins over all others: attach again without --deny '${rule}'.`;
}
