import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import type { Inside } from "../inside/inside.js";

const SCRIPT = readFileSync(new URL("say.py", import.meta.url), "utf8");

/** Says a message to a container's programs of libudev, without the relay, as this uid of the host. */
export function say(inside: Inside, uid: number, message: Uint8Array): void {
  execFileSync("nsenter", ["--target", `${inside.pid}`, "--net", "python3", "-c", SCRIPT, `${uid}`], {
    input: message,
  });
}
