import { STATUS } from "./command/error.js";
import { processIo } from "./command/process-io.js";
import { run } from "./command/run.js";

const GRACE_MS = 500; // for a reader that is behind; one that does not read at all must not hold us

const io = processIo();
process.exitCode = await run(process.argv.slice(2), io);
if (io.unwritten) {
  process.exitCode = STATUS.world;
  process.stderr.write(`uevent-bridge: the output could not be written: ${io.unwritten.message}\n`);
}
if (io.signal.aborted) setTimeout(() => process.exit(), GRACE_MS).unref();
