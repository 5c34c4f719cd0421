// soak-relay DIRECTORY LEAK: a relay that says what it takes. It does what its parent asks for, one after the other. LEAK, to show that
// it would be noticed: `memory` loses some with each event, `fd` a descriptor now and then, `none` nothing.
import { openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

import type { SourceOptions } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";

import type { Request, Sample } from "../soak/sample.js";

const LEAKED_BYTES = 64; // of each event
const EVENTS_A_DESCRIPTOR = 20_000;

const [directory = "", leak = "none"] = process.argv.slice(2);
process.on("SIGINT", () => {}); // of the terminal: the parent ends it
const linux = openLinux();
const heard = { events: 0, overruns: 0 };
const leaked: unknown[] = [];
const openSource = ({ onBatch, ...options }: SourceOptions) =>
  linux.openSource({
    ...options,
    onBatch: (batch) => {
      heard.events += batch.count;
      if (batch.overrun) heard.overruns++;
      lose(batch.count);
      onBatch(batch);
    },
  });
const relay = await openRelay({ kernel: { ...linux, openSource }, runtimeDir: directory });

function lose(events: number): void {
  if (leak === "memory" && events > 0) leaked.push(Array.from({ length: (events * LEAKED_BYTES) / 8 }, () => 0.5));
  if (leak === "fd" && heard.events > leaked.length * EVENTS_A_DESCRIPTOR) leaked.push(openSync("/dev/null", "r"));
}

async function answer(request: Request): Promise<string | Sample> {
  switch (request.what) {
    case "attach": {
      const { name, pid, allow } = request;
      return (
        (await relay.attach({ name, pid, allow, deliver: { socket: true, netlink: "kernel" } })).mounts[0]?.source ?? ""
      );
    }
    case "detach":
      await (await relay.get(request.name))?.detach();
      return "";
    case "settle":
      await relay.settle();
      return "";
    case "sample":
      return sample();
    case "end":
      break;
  }
  await relay.close();
  return "";
}

function sample(): Sample {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const descriptors = readdirSync("/proc/self/fd").map(linkOf);
  return {
    ...heard,
    rss,
    heap: heapUsed + external,
    descriptors: descriptors.length,
    handles: process.getActiveResourcesInfo().filter((type) => type !== "Immediate" && type !== "Timeout").length,
    watches: readdirSync("/proc/self/fdinfo").reduce((sum, fd) => sum + watchesOf(fd), 0),
    namespaces: descriptors.filter((link) => link.startsWith("net:")).length,
  };
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // the one by which they were listed
  }
}

function watchesOf(fd: string): number {
  try {
    return readFileSync(`/proc/self/fdinfo/${fd}`, "latin1").split("\ninotify ").length - 1;
  } catch {
    return 0;
  }
}

process.on("message", (request: Request) => {
  void answer(request).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(1));
process.send?.({ result: "ready" });
