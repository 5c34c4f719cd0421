import type { AttachOptions, Container } from "@uevent-bridge/relay";

import type { Io } from "../command/io.js";
import { printTold } from "../command/print-told.js";
import { openRelayFor } from "../command/relay.js";
import { claimsDirectory, makeControlDirectory } from "../control/directory.js";
import type { ServiceManager } from "../service/manager.js";
import { Serving } from "../service/serving.js";
import { openControl } from "./control.js";
import { describeDelivery, describeWays } from "./delivery.js";

/** How `attach` prints, and whom it hears: the kernel, or what a relay outside says in a directory. */
interface ForwardOptions {
  readonly json?: boolean;
  readonly from?: string;
}

/** Relays to one container and prints what it is told, until it ends or the signal aborts. */
export async function forward(options: AttachOptions, { json, from }: ForwardOptions, io: Io): Promise<void> {
  using service = await io.openService();
  await makeControlDirectory(io.runtime);
  const stateDir = from === undefined && claimsDirectory(io.runtime); // what is nested has devices that others do not know
  await using relay = await openRelayFor(io, { from, stateDir, signal: new AbortController().signal, keeper: service });
  await using _control = await openControl(options.name, relay, io); // first: a name that is taken tells nobody anything
  const container = await relay.attach(service ? options : { ...options, signal: io.signal });
  if (service) await container.settle(); // what the kernel said before it began
  const messages = container.events({ signal: io.signal }); // from here on none is missed
  const print = printTold(io, { json: json ?? false });
  container.on("resync", (change) => void print({ kind: "resync", ...change }));
  relay.on("gap", (gap) => void print(gap));
  container.on(
    "detached",
    (why) => why === "ended" && void io.stderr.write(`uevent-bridge: ${options.name} has ended\n`),
  );
  await io.stderr.write(describeDelivery(container, options.pid !== undefined));
  await using _end = service ? serve(service, container) : container; // is detached: who is ended on purpose lets go
  for await (const message of messages) await print(message);
}

/** A service is ready when all that there is has been told. */
function serve(service: ServiceManager, container: Container): AsyncDisposable {
  return new Serving(service, container, `relays to ${describeWays(container)}`);
}
