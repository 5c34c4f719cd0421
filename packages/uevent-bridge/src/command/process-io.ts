import { debuglog } from "node:util";
import { isatty } from "node:tty";
import type { WriteStream } from "node:tty";

import { deviceAt } from "../device-at.js";
import { openThisLinux, openThisService, thisAgent } from "../linux.js";
import { controlDirectory } from "../control/directory.js";
import { runtimeOf, thisRuntime } from "../runtime-directory.js";
import { takeServiceWords } from "../service/environment.js";
import type { Io, Output } from "./io.js";

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** What somebody may send to a program that we run. */
const PASSED = [...ENDING, "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGWINCH"] as const;

/** The world as this process has it. */
export interface ProcessIo extends Io {
  /** Why data could not be written, as on a full disk; that nobody reads any more is no failure. */
  readonly unwritten: Error | undefined;
}

/** Ctrl-C, SIGTERM, a terminal that is closed and a closed pipe abort its signal; a second Ctrl-C ends at once. */
export function processIo(): ProcessIo {
  let unwritten: Error | undefined;
  const runtime = thisRuntime();
  const service = takeServiceWords(process.env, process.pid);
  const ending = new AbortController();
  const end = (why: string): void => {
    debuglog("uevent-bridge")("ending: %s", why);
    ending.abort();
  };
  const lost = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") unwritten = error;
    end(error.message);
  };
  for (const signal of ENDING) process.once(signal, end);
  return {
    get unwritten() {
      return unwritten;
    },
    stdout: outputOf(process.stdout, ending, lost),
    stderr: outputOf(process.stderr, ending, () => {}),
    signal: ending.signal,
    hasTerminal: [0, 1, 2].some((fd) => isatty(fd)),
    takeSignals(handler) {
      for (const signal of ENDING) process.off(signal, end);
      for (const signal of PASSED) process.on(signal, handler);
      return { [Symbol.dispose]: () => PASSED.forEach((signal) => process.off(signal, handler)) };
    },
    get agent() {
      return thisAgent();
    },
    runtime,
    rootsControl: runtime.uid === 0 ? undefined : controlDirectory(runtimeOf(0)),
    self: [process.execPath, ...process.execArgv, process.argv[1] ?? ""],
    deviceAt,
    openKernel: openThisLinux,
    openService: async () => (service ? openThisService(service) : undefined),
  };
}

function outputOf(stream: WriteStream, ending: AbortController, onError: (error: Error) => void): Output {
  stream.on("error", onError);
  return {
    write: (chunk) => written(stream, chunk, ending.signal),
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

/** Resolves when the stream takes more, has gone, or is not waited for any more. */
function written(stream: WriteStream, chunk: string | Uint8Array, signal: AbortSignal): Promise<void> {
  if (!stream.writable || stream.write(chunk) || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done).off("error", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    stream.on("drain", done).on("close", done).on("error", done);
    signal.addEventListener("abort", done);
  });
}
