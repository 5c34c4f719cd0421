// relay PID RULES DIRECTORY: the relay as users open it, but for its source, which hears the network namespace of a process.
import { join } from "node:path";

import type { Kernel, Source, SourceOptions } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";

import { policiesOf, readRules } from "../harness/crowd.js";
import { serve } from "../harness/serve.js";
import type { Done } from "../harness/serve.js";
import { RECEIVE_BUFFER, Stream } from "../harness/stream.js";

const [pid, rules = "", directory = ""] = process.argv.slice(2);
const linux = openLinux({ receiveBuffer: RECEIVE_BUFFER, lockDirectory: join(directory, ".locks") });
const target = linux.openTarget({ pid: Number(pid) });

/** The host's events, from that namespace. */
function listening(): { readonly kernel: Kernel; readonly take: (count: number) => Promise<Done> } {
  let stream: Stream | undefined;
  const openSource = ({ onBatch }: SourceOptions): Source => {
    stream = new Stream((options) => target.openSource(options), onBatch);
    return stream.source;
  };
  return {
    kernel: { ...linux, openSource },
    take: (count) => stream?.take(count) ?? Promise.reject(new Error("the relay opened no source")),
  };
}

const { kernel, take } = listening();
const relay = await openRelay({ kernel, runtimeDir: directory });
for (const [i, allow] of policiesOf(readRules(rules)).entries()) {
  await relay.attach({ name: `box${i}`, allow, deliver: { socket: true } });
}

await serve(take);
await relay.close();
target.close();
