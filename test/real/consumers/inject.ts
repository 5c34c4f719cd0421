import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import type { Inside } from "../inside/inside.js";

const SCRIPT = readFileSync(new URL("inject.py", import.meta.url), "utf8");

/** Says an event of a loop device in a container's netlink, without the relay, as this uid of the host. @throws Error the kernel refuses */
export function inject(inside: Inside, uid: number, action: string, devpath: string): void {
  const state = readFileSync(`/sys${devpath}/uevent`, "latin1").trimEnd().split("\n");
  const pairs = [`ACTION=${action}`, `DEVPATH=${devpath}`, "SUBSYSTEM=block", ...state];
  const input = [`${action}@${devpath}`, ...pairs, ""].join("\0");
  execFileSync("nsenter", ["--target", `${inside.pid}`, "--net", "python3", "-c", SCRIPT, `${uid}`], { input });
}
