import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

import { nearest } from "@uevent-bridge/filter";
import { BridgeError } from "@uevent-bridge/relay";

import { CommandError, STATUS } from "../command/error.js";
import { namesBeside } from "./directory.js";
import { MAX_ANSWER, readLine } from "./line.js";
import { listenerOn } from "./listener.js";
import { parseReply } from "./protocol.js";
import type { Reply, Request } from "./protocol.js";

const NAMES_SHOWN = 8;
/** Milliseconds for which a relay may be silent: it says each second that it is alive, however long it works. */
const SILENT_MS = 10_000;

/** A reply to what was asked. */
export type Success = Exclude<Reply, { readonly type: "error" }>;

/**
 * Asks the relay that serves a container, in another process of the same user.
 *
 * @throws CommandError no relay serves it, or it ended, or is silent
 * @throws BridgeError what the relay says
 */
export async function askRelay(path: string, name: string, request: Request, signal: AbortSignal): Promise<Success> {
  const socket = connect({ path, signal });
  const silence = new Promise<never>((_, reject) => {
    socket.setTimeout(SILENT_MS, () => void silent(name, path).then(reject));
  });
  const line = await Promise.race([converse(socket, path, name, request), silence]).finally(() => socket.destroy());
  const reply = parseReply(line);
  if (!reply) throw new CommandError(STATUS.world, `the relay of ${name} speaks another version`, "Restart it.");
  if (reply.type === "error") throw new BridgeError(reply.code, reply.message, { remedy: reply.remedy });
  return reply;
}

async function converse(socket: Socket, path: string, name: string, request: Request): Promise<string> {
  try {
    await once(socket, "connect");
  } catch (cause) {
    throw nobody(name, await namesBeside(path), cause);
  }
  const line = readLine(socket, MAX_ANSWER);
  socket.write(`${JSON.stringify(request)}\n`);
  return line.catch((cause: unknown) => Promise.reject(ended(name, cause)));
}

function nobody(name: string, others: readonly string[], cause: unknown): CommandError {
  const near = nearest(name, others);
  const shown = `Attached are: ${others.slice(0, NAMES_SHOWN).join(", ")}${others.length > NAMES_SHOWN ? ", …" : "."}`;
  const remedy = near === undefined ? (others.length > 0 ? shown : "None is attached.") : `Did you mean ${near}?`;
  const start = `To start one, as the same user: uevent-bridge attach ${name} --allow RULE`;
  return new CommandError(STATUS.world, `no relay serves ${name} for this user`, `${remedy} ${start}`, { cause });
}

function ended(name: string, cause: unknown): CommandError {
  return new CommandError(STATUS.world, `the relay of ${name} ended before it answered`, "Start it again.", { cause });
}

async function silent(name: string, path: string): Promise<CommandError> {
  const { pid, isStopped } = (await listenerOn(path)) ?? {};
  const who = `the relay of ${name}${pid === undefined ? "" : `, pid ${pid},`} does not answer`;
  const [why, what] = isStopped
    ? ["is stopped", `To have it go on: kill -CONT ${pid}.`]
    : ["may be stopped, or hang", ""];
  const remedy = [`It ${why}.`, what, "If it goes on, it may still do what it was asked for."];
  return new CommandError(STATUS.world, who, remedy.filter(Boolean).join(" "));
}
