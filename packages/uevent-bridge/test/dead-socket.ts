import { spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync } from "node:fs";
import { createServer } from "node:net";

import { hiddenPath } from "../src/control/listener.js";

const KILLED = `
const [path, hidden, seconds] = process.argv.slice(1);
const server = require("node:net").createServer().listen(hidden.replace("PID", process.pid), () => {
  require("node:fs").renameSync(hidden.replace("PID", process.pid), path);
  const held = ["ignore", "ignore", "ignore", server._handle.fd];
  require("node:child_process").spawn("sleep", [seconds], { stdio: held, detached: true }).unref();
  process.kill(process.pid, "SIGKILL");
});`;

/** The same, but for so long what the killed process had started has it still. */
export async function leaveHeldSocket(at: string, seconds: number): Promise<void> {
  const hidden = hiddenPath(at).replace(`.${process.pid}.`, ".PID.");
  const child = spawn(process.execPath, ["-e", KILLED, at, hidden, `${seconds}`], { stdio: "ignore" });
  await once(child, "exit");
}

/** A socket file that nobody listens on any more, as SIGKILL leaves it. */
export async function leaveDeadSocket(at: string): Promise<void> {
  const server = createServer().listen(`${at}.tmp`);
  await once(server, "listening");
  linkSync(`${at}.tmp`, at);
  server.close();
  await once(server, "close");
}
