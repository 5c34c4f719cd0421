import type { Container, Device } from "@uevent-bridge/relay";

import { TimeLimit } from "../command/time-limit.js";
import type { Reply, Request } from "../control/protocol.js";
import { News } from "./news.js";

type WaitRequest = Extract<Request, { readonly type: "wait" }>;

const SHOWN = 3; // devpaths in a reply

/** Resolves when a device that the rule picks is told to the container (or none is, for `removed`), or at the timeout. */
export async function waitFor(
  { rule, removed, timeoutMs }: WaitRequest,
  container: Container,
  signal: AbortSignal,
): Promise<Reply> {
  using limit = new TimeLimit(signal, timeoutMs);
  using news = new News(container, limit.signal);
  for (;;) {
    const next = news.next(); // before looking: what happens meanwhile is looked at again
    await container.settle({ signal });
    const picked = await container.devices(rule);
    if (picked.length > 0 !== removed) return { type: "met" };
    if (limit.signal.aborted) return timeout((await container.devices()).length, picked, news);
    await next;
  }
}

function timeout(devices: number, picked: readonly Device[], { last }: News): Reply {
  const seen = last && { last: `${last.action} ${last.devpath}` };
  return { type: "timeout", devices, picked: picked.slice(0, SHOWN).map(({ devpath }) => devpath), ...seen };
}
