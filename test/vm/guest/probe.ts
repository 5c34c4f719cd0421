import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** Where nodes of all numbers lie that are given here to what is plugged in: on a file system of the host. */
export const PROBE = "/run/probe";

const BLOCK_SD = 8;
const CHAR_INPUT = 13;
const CHAR_TTY_USB = 188;
const FIRST_EVENT = 64;
const EVENTS = 10; // more than there are

/** Makes them, for everybody to open. */
export function makeProbe(): void {
  mkdirSync(PROBE);
  for (const disk of [0, 1]) makeNode("b", BLOCK_SD, disk * 16);
  for (const adapter of [0, 1]) makeNode("c", CHAR_TTY_USB, adapter);
  for (let event = 0; event < EVENTS; event++) makeNode("c", CHAR_INPUT, FIRST_EVENT + event);
}

function makeNode(type: "b" | "c", major: number, minor: number): void {
  execFileSync("mknod", ["-m", "666", `${PROBE}/${type}${major}:${minor}`, type, `${major}`, `${minor}`]);
}
