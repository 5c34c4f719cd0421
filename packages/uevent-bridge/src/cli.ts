#!/usr/bin/env node
import { processIo } from "./command/process-io.js";
import { run } from "./command/run.js";

process.exitCode = await run(process.argv.slice(2), processIo());
