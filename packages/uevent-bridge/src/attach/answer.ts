import { BridgeError } from "@uevent-bridge/relay";
import type { Container, Relay } from "@uevent-bridge/relay";

import type { Reply, Request } from "../control/protocol.js";
import type { Answer } from "../control/server.js";
import { waitFor } from "./wait-for.js";

/** What the relay answers to `trigger` and `wait` for one of its containers. */
export function answerFor(name: string, relay: Relay): Answer {
  return async (request, signal) => {
    const container = await relay.get(name);
    if (container) return answer(request, container, signal);
    throw new BridgeError("CLOSED", `${name} is not attached`, { remedy: "Try again when its attach has begun." });
  };
}

async function answer(request: Request, container: Container, signal: AbortSignal): Promise<Reply> {
  if (request.type === "wait") return waitFor(request, container, signal);
  const count = await container.trigger(...request.rules);
  await container.settle({ signal });
  return { type: "triggered", count };
}
