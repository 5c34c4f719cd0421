#!/usr/bin/env node
import { existsSync } from "node:fs";

// npm links a command when it installs, if its file is there: in a clone nothing is built then, so this file is not
const command = new URL("../dist/cli.js", import.meta.url);
if (existsSync(command)) {
  await import(command.href);
} else {
  console.error("uevent-bridge: it is not built\n  npm run build in the clone makes it; so does npm run demo.");
  process.exitCode = 1;
}
