import { BridgeError } from "@uevent-bridge/relay";
import type { Container, Explanation, Relay, Revocation, RevokeOptions } from "@uevent-bridge/relay";

import { parseWords } from "../command/granted-words.js";
import type { Meant, Reply, Request } from "../control/protocol.js";
import type { Answer } from "../control/server.js";
import { frozenOf, treeOf } from "./tree-of.js";
import { unseenOf } from "./unseen.js";
import { waitFor } from "./wait-for.js";

/** What the relay answers to commands for one of its containers. */
export function answerFor(name: string, relay: Relay): Answer {
  return async (request, signal) => {
    const container = await relay.get(name);
    if (container) return withUnseen(await answer(request, container, relay, signal), request, container, relay);
    throw new BridgeError("CLOSED", `${name} is not attached`, { remedy: "Try again when its attach has begun." });
  };
}

async function answer(request: Request, container: Container, relay: Relay, signal: AbortSignal): Promise<Reply> {
  switch (request.type) {
    case "wait":
      return waitFor(request, container, signal);
    case "trigger":
      return trigger(request.rules, container, signal);
    case "grant":
      return changed(await container.grant(request.device, parseWords(request.words)), request.device, container);
    case "revoke":
      return revoke(request, container);
    case "thaw":
      await container.thaw();
      return { type: "thawed" };
    case "transfer":
      await relay.transfer(request.device, request.to, { graceMs: request.graceMs, elsewhere: true, signal });
      return { type: "transferred" };
    case "explain":
      return { type: "explained", explanation: await explainTold(request, container, signal) };
    default:
      return { type: "tree", devices: await treeOf(container), ...(await frozenOf(container)) };
  }
}

async function trigger(rules: readonly string[], container: Container, signal: AbortSignal): Promise<Reply> {
  const count = await container.trigger(...rules);
  await container.settle({ signal });
  return { type: "triggered", count };
}

async function changed(change: Revocation, device: string, container: Container): Promise<Reply> {
  const { added, removed, openBy, ended, granted } = change;
  const explanation = await container.explain(device);
  const counts = { added: added.length, removed: removed.length };
  return {
    type: "changed",
    ...counts,
    explanation,
    ...(openBy && { openBy }),
    ...(ended && { ended }),
    ...(granted && { granted }),
  };
}

/** As it is when all that the kernel said has been told. */
async function explainTold(meant: Meant, container: Container, signal: AbortSignal): Promise<Explanation> {
  await container.settle({ signal });
  return container.explain(await devpathOf(meant, container));
}

async function revoke(request: Extract<Request, { readonly type: "revoke" }>, container: Container): Promise<Reply> {
  const device = await devpathOf(request, container);
  return changed(await container.revoke(device, openOf(request)), device, container);
}

/** The container is asked first what it calls so. */
async function devpathOf({ device, name }: Meant, container: Container): Promise<string> {
  if (name === undefined) return device;
  const { reason, devpath } = await container.explain(name, { look: false });
  return reason === "absent" ? device : devpath;
}

function openOf({ open }: Extract<Request, { readonly type: "revoke" }>): RevokeOptions {
  return open === undefined ? {} : { open };
}

/** Where nothing was found, says of a device that is there why the container does not see it. */
async function withUnseen(reply: Reply, request: Request, container: Container, relay: Relay): Promise<Reply> {
  if (reply.type !== "triggered" && reply.type !== "timeout") return reply;
  const found = reply.type === "triggered" ? reply.count : reply.picked.length;
  if (found > 0) return reply;
  const unseen = await unseenOf(rulesOf(request), container, relay);
  return unseen === undefined ? reply : { ...reply, unseen };
}

function rulesOf(request: Request): readonly string[] {
  if (request.type === "wait") return [request.rule];
  return request.type === "trigger" ? request.rules : [];
}
