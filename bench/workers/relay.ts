// relay PID RULES DIRECTORY: the relay as users open it, but for its source, which hears the network namespace of a process.
import { openRelay } from "@uevent-bridge/relay";

import { policiesOf, readRules } from "../harness/crowd.js";
import { hearing } from "../harness/hearing.js";
import { heldBytes } from "../harness/memory.js";
import { HELD, serve } from "../harness/serve.js";

const [pid, rules = "", directory = ""] = process.argv.slice(2);
const machine = hearing(Number(pid), directory);
const relay = await openRelay({ kernel: machine.kernel, runtimeDir: directory });
for (const [i, allow] of policiesOf(readRules(rules)).entries()) {
  await relay.attach({ name: `box${i}`, allow, deliver: { socket: true } });
}

await serve((count) => (count === HELD ? { count: 0, sum: heldBytes() } : machine.take(count)));
await relay.close();
machine.close();
