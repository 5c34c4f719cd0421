/**
 * A relay in a process of its own, which does what it is told line by line, and says what came of it. It opens nothing before it is told to.
 * `node relay.mjs OPTIONS`, JSON of what `Settings` in traced-relay.ts says.
 */
import { readdirSync, readlinkSync, watch } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

import { agentPath } from "@uevent-bridge/agent";
import { openLinux } from "@uevent-bridge/linux";
import { BridgeError, asBridgeError, openRelay } from "@uevent-bridge/relay";

const { runtimeDir, stateDir, lockDirectory, receiveBuffer } = JSON.parse(process.argv[2]);
const containers = new Map();
const warnings = [];
let relay;

const COMMANDS = {
  async open() {
    const kernel = openKernel();
    relay = await openRelay({ kernel, runtimeDir, stateDir });
    relay.on("warning", (warning) => warnings.push(plain(warning)));
  },
  async attach(options) {
    const container = await relay?.attach(options);
    if (!container) return;
    container.on("warning", (warning) => warnings.push(plain(warning)));
    containers.set(options.name, container);
  },
  allow: ({ name, rule }) => containers.get(name)?.allow(rule),
  deny: ({ name, rule }) => containers.get(name)?.deny(rule),
  forget: ({ name, rule }) => containers.get(name)?.forget(rule),
  grant: ({ name, device }) => containers.get(name)?.grant(device),
  revoke: ({ name, device, open }) => containers.get(name)?.revoke(device, { open }),
  thaw: ({ name }) => containers.get(name)?.thaw(),
  explain: ({ name, device }) => containers.get(name)?.explain(device),
  detach: ({ name }) => containers.get(name)?.detach(),
  settle: () => relay?.settle(),
  /** Reads nothing meanwhile. */
  stall({ ms }) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  },
  async close() {
    await relay?.close();
    await wait(0); // what libuv closes is closed on its next turn
  },
  descriptors: () => descriptors(),
};

/** As `uevent-bridge` does. */
function openKernel() {
  try {
    return openLinux({ receiveBuffer, lockDirectory, agent: agentPath });
  } catch (error) {
    throw asBridgeError(error);
  }
}

/** What its descriptors are of, without those of the test. */
function descriptors() {
  const found = listed("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`).replace(/:\[\d+\]$/, "")];
    } catch {
      return []; // the one by which they were listed
    }
  });
  return found.filter((name) => name !== process.execPath).toSorted(); // Node reads it now and then
}

/** It may be this call that fails. */
function listed(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return readdirSync(directory);
  }
}

function plain(error) {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error), isOurs: false };
  const { name, code, message, remedy, cause, stack } = error;
  const isOurs = error instanceof BridgeError && message !== "" && remedy !== "";
  return {
    name,
    code,
    message,
    remedy,
    stack,
    isOurs,
    ...(cause !== undefined && { cause: cause instanceof Error ? cause.message : "?" }),
  };
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error) => {
    say({ crash: plain(error) });
    process.exit(70);
  });

const lines = createInterface({ input: process.stdin });
watch(runtimeDir).close(); // libuv keeps what it opens for the first
say({ result: descriptors() });
for await (const line of lines) {
  const [command, options] = JSON.parse(line);
  try {
    const result = await COMMANDS[command](options ?? {});
    say({ command, result: command === "descriptors" ? result : undefined, warnings: warnings.splice(0) });
  } catch (error) {
    say({ command, error: plain(error), warnings: warnings.splice(0) });
  }
}
process.exit(0);
