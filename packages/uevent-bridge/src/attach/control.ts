import type { Relay } from "@uevent-bridge/relay";

import type { Io } from "../command/io.js";
import { controlPath, makeControlDirectory } from "../control/directory.js";
import { serveControl } from "../control/server.js";
import { answerFor } from "./answer.js";

/** Lets `trigger` and `wait` ask for a container as long as it is open. @throws BridgeError NAME_TAKEN */
export async function openControl(name: string, relay: Relay, io: Io): Promise<AsyncDisposable> {
  const path = controlPath(io.runtime, name);
  await makeControlDirectory(io.runtime);
  return serveControl(path, answerFor(name, relay));
}
