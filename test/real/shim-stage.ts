import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { shimPath } from "@uevent-bridge/agent";
import { openLinux } from "@uevent-bridge/linux";
import type { Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";

import type { Consumer, ConsumerKind } from "./consumers/consumer.js";
import type { LibudevKind } from "./consumers/libudev.js";
import { Preloaded } from "./inside/preloaded.js";
import type { Program } from "./inside/program.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

/** A program in Python of several kinds. */
export const SCRIPT = new URL("consumers/netlink-program.py", import.meta.url);
const SHIM = "/opt/shim/uevent-shim.so";
/** Where what a test compiles or unpacks is inside. */
export const PROGRAMS = "/opt/programs";

/** A container without a user namespace of its own, started with what the relay has it bind in, and two disks of which it may see the first. */
export interface Stage extends AsyncDisposable {
  readonly system: System;
  /** The same, with the library loaded before all that is started. */
  readonly shimmed: Preloaded;
  readonly mine: string;
  readonly hidden: string;
  /** The directory of sockets, on the host. */
  readonly sockets: string;
  /** What is bound in at PROGRAMS. */
  readonly programs: string;
  readonly box: Container;
  /** Ends the relay and starts another one. */
  restart(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const stack = new Stack();
  const [runtime, programs] = [stack.use(temporaryDirectory()).path, stack.use(temporaryDirectory()).path];
  chmodSync(runtime, 0o711);
  const [mine = "", hidden = ""] = stack.use(withLoops(2)).devices;
  let relay: Relay;
  const attach = async () => {
    relay = await openRelay({ kernel: openLinux(), runtimeDir: runtime });
    return relay.attach({ name: "box", allow: [mine], deliver: { socket: true, netlink: "udev" } });
  };
  const box = await attach();
  stack.use({ [Symbol.asyncDispose]: () => relay.close() });
  const tools = [
    { source: join(shimPath(), ".."), destination: join(SHIM, "..") },
    { source: programs, destination: PROGRAMS },
  ];
  const system = stack.use(await System.startPrivileged([...box.mounts, ...tools]));
  const restart = async () => {
    await relay.close();
    await attach();
  };
  const sockets = join(runtime, "box");
  const shimmed = new Preloaded(system, SHIM);
  return {
    system,
    shimmed,
    mine,
    hidden,
    sockets,
    programs,
    box,
    restart,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** Those that the relay tells. */
export const listeners = (sockets: string): string[] =>
  readdirSync(sockets).filter((name) => /^\d+-[0-9a-f]{12}(\.udev)?\.sock$/.test(name));

/** Starts one and resolves when it listens. */
export async function start(kind: ConsumerKind | LibudevKind, { shimmed, sockets }: Stage): Promise<Consumer> {
  const before = listeners(sockets).length;
  const consumer = kind.launch(shimmed);
  await until(() => listeners(sockets).length > before, `${kind.name} listens`);
  return consumer;
}

/** Starts a kind of SCRIPT and resolves when so many more listen. */
export async function startScript(which: string, { shimmed, sockets }: Stage, count = 1): Promise<Program> {
  const before = listeners(sockets).length;
  const program = shimmed.startPython(SCRIPT, which);
  await until(() => listeners(sockets).length >= before + count, `${which} listens`);
  return program;
}
