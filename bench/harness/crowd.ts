import { readFileSync, writeFileSync } from "node:fs";

import { literal } from "@uevent-bridge/filter";

/** Containers that see the devices of the bench: each has a live receiver. */
export const LIVE = 3;

const RULES_EACH = 10;

/** A rule of a container: a devpath. */
export interface OwnRule {
  readonly container: number;
  readonly devpath: string;
}

/**
 * Writes ten rules for each container: those of the live ones are for the given ten devices, those of all others for devices
 * beside them that are not there. Lines of `CONTAINER DEVPATH`, as native/rules.h reads them.
 */
export function writeRules(file: string, containers: number, live: number, devpaths: readonly string[]): void {
  const lines = Array.from({ length: containers }, (_, container) =>
    Array.from({ length: RULES_EACH }, (_, i) => {
      const devpath = devpaths[i % devpaths.length] ?? "";
      return `${container} ${container < live ? devpath : `${devpath}-${container}`}\n`;
    }),
  );
  writeFileSync(file, lines.flat().join(""));
}

export function readRules(file: string): OwnRule[] {
  const lines = readFileSync(file, "latin1").trimEnd().split("\n");
  return lines.map((line) => {
    const blank = line.indexOf(" ");
    return { container: Number(line.slice(0, blank)), devpath: line.slice(blank + 1) };
  });
}

/** The same as policies, by container. */
export function policiesOf(rules: readonly OwnRule[]): string[][] {
  const policies: string[][] = [];
  for (const { container, devpath } of rules) (policies[container] ??= []).push(literal(devpath));
  return policies;
}
