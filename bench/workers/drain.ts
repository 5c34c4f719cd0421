// drain PID: as native/drain.c, through the addon.
import { openLinux } from "@uevent-bridge/linux";

import { serve } from "../harness/serve.js";
import { RECEIVE_BUFFER, Stream } from "../harness/stream.js";

const target = openLinux({ receiveBuffer: RECEIVE_BUFFER }).openTarget({ pid: Number(process.argv[2]) });
const stream = new Stream((options) => target.openSource(options));

await serve((count) => stream.take(count));
stream.close();
target.close();
