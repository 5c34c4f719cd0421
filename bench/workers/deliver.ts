// deliver PID RULES DIRECTORY FORM AGENT TARGET...: a relay that tells a container in each TARGET the same, in one of the forms.
import { openRelay } from "@uevent-bridge/relay";

import { policiesOf, readRules } from "../harness/crowd.js";
import { deliveryOf } from "../harness/forms.js";
import { hearing } from "../harness/hearing.js";
import { serve } from "../harness/serve.js";

const [pid, rules = "", directory = "", form = "", agent = "", ...targets] = process.argv.slice(2);
const machine = hearing(Number(pid), directory, agent);
const relay = await openRelay({ kernel: machine.kernel, runtimeDir: directory });
const [allow = []] = policiesOf(readRules(rules));
for (const [i, target] of targets.entries()) {
  await relay.attach({ name: `box${i}`, allow, ...deliveryOf(form, directory, i, Number(target)) });
}

await serve((count) => machine.take(count));
await relay.close();
machine.close();
