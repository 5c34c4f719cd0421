import type { Container, Device, Relay } from "@uevent-bridge/relay";

import type { Reply, Request } from "../control/protocol.js";
import { News } from "./news.js";

type WaitRequest = Extract<Request, { readonly type: "wait" }>;

const SHOWN = 3; // devpaths in a reply

/** Resolves when a device that the rule picks is told to the container (or none is, for `removed`), or at the timeout. */
export async function waitFor(
  { rule, removed, timeoutMs }: WaitRequest,
  container: Container,
  relay: Relay,
  signal: AbortSignal,
): Promise<Reply> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  using news = new News(container, limit);
  for (;;) {
    const next = news.next(); // before looking: what happens meanwhile is looked at again
    await container.settle({ signal });
    const told = await container.devices();
    const picked = await pickedOf(told, rule, relay);
    if (picked.length > 0 !== removed) return { type: "met" };
    if (limit.aborted) return timeout(told.length, picked, news);
    await next;
  }
}

async function pickedOf(told: readonly Device[], rule: string, relay: Relay): Promise<string[]> {
  const picked = new Set((await relay.devices({ allow: [rule] })).map(({ devpath }) => devpath));
  return told.map(({ devpath }) => devpath).filter((devpath) => picked.has(devpath));
}

function timeout(devices: number, picked: readonly string[], { last }: News): Reply {
  const seen = last && { last: `${last.action} ${last.devpath}` };
  return { type: "timeout", devices, picked: picked.slice(0, SHOWN), ...seen };
}
