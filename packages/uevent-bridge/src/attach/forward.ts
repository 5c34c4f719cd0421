import type { AttachOptions, Container, Relay } from "@uevent-bridge/relay";

import type { Io } from "../command/io.js";
import { openRelayFor } from "../command/relay.js";
import { controlPath, makeControlDirectory } from "../control/directory.js";
import { serveControl } from "../control/server.js";
import { painter } from "../text/colour.js";
import { messageJson, messageText } from "../text/message.js";
import type { Told } from "../text/message.js";
import { answerFor } from "./answer.js";
import { describeDelivery } from "./delivery.js";

/** Relays to one container and prints what it is told, until it ends or the signal aborts. */
export async function forward(options: AttachOptions, json: boolean, io: Io): Promise<void> {
  await using relay = await openRelayFor(io);
  await using _control = await openControl(options.name, relay, io); // first: a name that is taken tells nobody anything
  const container = await relay.attach(options);
  const ended = new AbortController();
  container.on("detached", (reason) => ended.abort(reason));
  await io.stderr.write(describeDelivery(container));
  await printAll(container, json, AbortSignal.any([io.signal, ended.signal]), io);
  if (ended.signal.reason === "ended") await io.stderr.write(`uevent-bridge: ${container.name} has ended\n`);
}

async function openControl(name: string, relay: Relay, io: Io): Promise<AsyncDisposable> {
  const path = controlPath(io.runtime, name);
  await makeControlDirectory(io.runtime);
  return serveControl(path, answerFor(name, relay));
}

async function printAll(container: Container, json: boolean, signal: AbortSignal, io: Io): Promise<void> {
  const paint = painter(io.stdout);
  const print = (told: Told): Promise<void> =>
    io.stdout.write(json ? messageJson(told) : messageText(told, new Date(), { paint }));
  container.on("resync", (change) => void print({ kind: "resync", ...change }));
  for await (const message of container.events({ signal })) await print(message);
}
