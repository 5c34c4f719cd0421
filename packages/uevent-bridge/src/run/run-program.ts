import { BridgeError } from "@uevent-bridge/relay";
import type { AttachOptions, Container } from "@uevent-bridge/relay";

import { openControl } from "../attach/control.js";
import type { Io } from "../command/io.js";
import { openRelayFor } from "../command/relay.js";
import { showWarnings } from "../command/warnings.js";
import { claimsDirectory, makeControlDirectory } from "../control/directory.js";
import { startProgram } from "./program.js";
import type { RunningProgram } from "./program.js";

/** What a terminal sends to a program itself, as it is in the foreground with us. */
const OF_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"]);

/** Runs a program that hears in a shadow what its container is told and nothing else. Resolves to its status. @throws BridgeError */
export async function runProgram(options: AttachOptions, program: readonly string[], io: Io): Promise<number> {
  await makeControlDirectory(io.runtime);
  await using relay = await openRelayFor(io, { stateDir: claimsDirectory(io.runtime) });
  await using _control = await openControl(options.name, relay, io);
  await using container = await relay.attach(options);
  const path = container.delivery.find(({ channel }) => channel === "shadow")?.choice ?? "";
  // who waits beside it tells its status: Node calls the end by a real-time signal an exit with 0
  const running = await startProgram(io.agent, ["exec", "--wait", path, "--", ...program]);
  using _signals = io.takeSignals((signal) => passOn(signal, running, io));
  await join(container, running, io);
  return await running.ended; // before anything is let go
}

function passOn(signal: NodeJS.Signals, running: RunningProgram, io: Io): void {
  if (io.hasTerminal && OF_TERMINAL.has(signal)) return;
  running.kill(signal);
}

/** From then on its own net devices are told; without, all others are. */
async function join(container: Container, { pid }: RunningProgram, io: Io): Promise<void> {
  try {
    await container.join({ pid });
  } catch (error) {
    const failure = error instanceof BridgeError ? error : unknownFailure(error); // the program goes on in any case
    if (failure.code !== "TARGET_GONE") showWarnings(io)(failure); // else it has ended already
  }
}

function unknownFailure(cause: unknown): BridgeError {
  const remedy = "All devices but its own net devices are told.";
  return new BridgeError("TARGET_NO_NETNS", `its namespaces are not known: ${String(cause)}`, { remedy, cause });
}
