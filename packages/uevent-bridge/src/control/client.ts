import { once } from "node:events";
import { connect } from "node:net";

import { nearest } from "@uevent-bridge/filter";
import { BridgeError } from "@uevent-bridge/relay";

import { CommandError, STATUS } from "../command/error.js";
import { namesBeside } from "./directory.js";
import { MAX_ANSWER, readLine } from "./line.js";
import { parseReply } from "./protocol.js";
import type { Reply, Request } from "./protocol.js";

const NAMES_SHOWN = 8;

/** A reply to what was asked. */
export type Success = Exclude<Reply, { readonly type: "error" }>;

/**
 * Asks the relay that serves a container, in another process of the same user.
 *
 * @throws CommandError no relay serves it, or it ended, or the signal's time is up
 * @throws BridgeError what the relay says
 */
export async function askRelay(path: string, name: string, request: Request, signal: AbortSignal): Promise<Success> {
  const socket = connect({ path, signal });
  try {
    await once(socket, "connect");
  } catch (cause) {
    throw isLate(signal) ? silent(name, cause) : nobody(name, await namesBeside(path), cause);
  }
  const line = readLine(socket, MAX_ANSWER);
  socket.write(`${JSON.stringify(request)}\n`);
  const failed = (cause: unknown): Promise<never> =>
    Promise.reject(isLate(signal) ? silent(name, cause) : ended(name, cause));
  const reply = parseReply(await line.catch(failed));
  socket.destroy();
  if (!reply) throw new CommandError(STATUS.world, `the relay of ${name} speaks another version`, "Restart it.");
  if (reply.type === "error") throw new BridgeError(reply.code, reply.message, { remedy: reply.remedy });
  return reply;
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

function isLate({ reason }: AbortSignal): boolean {
  return reason instanceof Error && reason.name === "TimeoutError";
}

function silent(name: string, cause: unknown): CommandError {
  const remedy = "It may be stopped. If it goes on, it may still do what it was asked for.";
  return new CommandError(STATUS.world, `the relay of ${name} does not answer`, remedy, { cause });
}
