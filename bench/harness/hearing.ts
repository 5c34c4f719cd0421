import { join } from "node:path";

import type { Kernel, Source, SourceOptions } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";

import type { Done } from "./serve.js";
import { RECEIVE_BUFFER, Stream } from "./stream.js";

export interface Hearing {
  readonly kernel: Kernel;
  /** Resolves when the relay has taken so many events. */
  take(count: number): Promise<Done>;
  close(): void;
}

/** This machine, whose events are those of the network namespace of a process. `agent`: the program that holds shadows. */
export function hearing(pid: number, directory: string, agent = ""): Hearing {
  const linux = openLinux({
    receiveBuffer: RECEIVE_BUFFER,
    lockDirectory: join(directory, ".locks"),
    agent: () => agent,
  });
  const target = linux.openTarget({ pid });
  let stream: Stream | undefined;
  const openSource = ({ onBatch }: SourceOptions): Source => {
    stream = new Stream((options) => target.openSource(options), onBatch);
    return stream.source;
  };
  return {
    kernel: { ...linux, openSource },
    take: (count) => stream?.take(count) ?? Promise.reject(new Error("the relay opened no source")),
    close: () => target.close(),
  };
}
