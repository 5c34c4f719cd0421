import type { Io } from "../command/io.js";
import { askRelay } from "./client.js";
import { controlPath } from "./directory.js";
import type { Reply, Request } from "./protocol.js";

/** What comes back for each request, unless an error does. */
interface Answers {
  readonly trigger: Extract<Reply, { readonly type: "triggered" }>;
  readonly wait: Extract<Reply, { readonly type: "met" | "timeout" }>;
  readonly grant: Extract<Reply, { readonly type: "changed" }>;
  readonly revoke: Extract<Reply, { readonly type: "changed" }>;
  readonly thaw: Extract<Reply, { readonly type: "thawed" }>;
  readonly transfer: Extract<Reply, { readonly type: "transferred" }>;
  readonly explain: Extract<Reply, { readonly type: "explained" }>;
  readonly tree: Extract<Reply, { readonly type: "tree" }>;
}

/** Asks the `attach` of this user that serves a container. @throws CommandError, BridgeError */
export async function askAttached<R extends Request>(
  name: string,
  request: R,
  io: Io,
  signal: AbortSignal = io.signal,
): Promise<Answers[R["type"]]> {
  const path = controlPath(io.runtime, name);
  return (await askRelay(path, name, request, signal, io.rootsControl)) as Answers[R["type"]]; // the server answers each in its own kind
}
