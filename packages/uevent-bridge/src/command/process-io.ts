import { debuglog } from "node:util";
import type { WriteStream } from "node:tty";

import { openThisLinux } from "../linux.js";
import { thisRuntime } from "../runtime-directory.js";
import type { Io, Output } from "./io.js";

/** The world as this process has it. Ctrl-C, SIGTERM and a closed pipe abort its signal; a second Ctrl-C ends at once. */
export function processIo(): Io {
  const ending = new AbortController();
  const end = (why: string): void => {
    debuglog("uevent-bridge")("ending: %s", why);
    ending.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => end(signal));
  return {
    stdout: outputOf(process.stdout, end),
    stderr: outputOf(process.stderr, () => {}),
    signal: ending.signal,
    runtime: thisRuntime(),
    self: [process.execPath, ...process.execArgv, process.argv[1] ?? ""],
    openKernel: openThisLinux,
  };
}

function outputOf(stream: WriteStream, onGone: (why: string) => void): Output {
  stream.on("error", (error: Error) => onGone(error.message)); // EPIPE: nobody reads any more
  return {
    write: (chunk) => written(stream, chunk),
    colour: stream.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb",
    ...(stream.isTTY && { terminal: sizeOf(stream) }),
  };
}

function sizeOf(stream: WriteStream): NonNullable<Output["terminal"]> {
  return {
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
  };
}

function written(stream: WriteStream, chunk: string | Uint8Array): Promise<void> {
  if (!stream.writable || stream.write(chunk)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done).off("error", done);
      resolve();
    };
    stream.on("drain", done).on("close", done).on("error", done);
  });
}
