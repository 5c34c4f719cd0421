import { join } from "node:path";

import { recordedDevices } from "./corpus.js";
import { LIVE, writeRules } from "./crowd.js";
import { writeDatagrams } from "./datagrams.js";
import { assertCount } from "./result.js";
import type { Settings } from "./result.js";

/** Devices whose events are relayed: as many as a container has rules. */
export const DEVICES = 10;

/** What all relays of a scenario are given. */
export interface Course {
  readonly directory: string;
  readonly containers: number;
  /** A file of rules. */
  readonly rules: string;
  /** Files of events. Each device's `add` comes once, then only `change`: a second `add` would be of a device that is known. */
  readonly adds: string;
  readonly changes: string;
}

/** @param live of them that see the devices: the first ones */
export function layCourse({ directory, quick }: Settings, containers = quick ? 100 : 1000, live = LIVE): Course {
  const at = (name: string): string => join(directory, name);
  const course = { directory, containers, rules: at("rules"), adds: at("adds.bin"), changes: at("changes.bin") };
  const { add, change, devpaths } = recordedDevices(DEVICES);
  assertCount("recorded devices that suit this machine", devpaths.length, DEVICES);
  writeRules(course.rules, containers, live, devpaths);
  writeDatagrams(course.adds, add);
  writeDatagrams(course.changes, change);
  return course;
}
