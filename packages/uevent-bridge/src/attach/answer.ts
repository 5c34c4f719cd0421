import { BridgeError } from "@uevent-bridge/relay";
import type { Container, Relay } from "@uevent-bridge/relay";

import type { Reply, Request } from "../control/protocol.js";
import type { Answer } from "../control/server.js";
import { unseenOf } from "./unseen.js";
import { waitFor } from "./wait-for.js";

/** What the relay answers to `trigger` and `wait` for one of its containers. */
export function answerFor(name: string, relay: Relay): Answer {
  return async (request, signal) => {
    const container = await relay.get(name);
    if (container) return withUnseen(await answer(request, container, signal), request, container, relay);
    throw new BridgeError("CLOSED", `${name} is not attached`, { remedy: "Try again when its attach has begun." });
  };
}

async function answer(request: Request, container: Container, signal: AbortSignal): Promise<Reply> {
  if (request.type === "wait") return waitFor(request, container, signal);
  const count = await container.trigger(...request.rules);
  await container.settle({ signal });
  return { type: "triggered", count };
}

/** Where nothing was found, says of a device that is there why the container does not see it. */
async function withUnseen(reply: Reply, request: Request, container: Container, relay: Relay): Promise<Reply> {
  if (reply.type !== "triggered" && reply.type !== "timeout") return reply;
  const found = reply.type === "triggered" ? reply.count : reply.picked.length;
  if (found > 0) return reply;
  const unseen = await unseenOf(request.type === "wait" ? [request.rule] : request.rules, container, relay);
  return unseen === undefined ? reply : { ...reply, unseen };
}
