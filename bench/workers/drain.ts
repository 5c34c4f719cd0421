// drain PID: as native/drain.c, through the addon.
import { openLinux } from "@uevent-bridge/linux";

import { serve } from "../harness/serve.js";
import { Stream } from "../harness/stream.js";

const target = openLinux().openTarget({ pid: Number(process.argv[2]) });
const stream = new Stream((options) => target.openSource(options));

await serve((count) => stream.take(count));
stream.close();
target.close();
