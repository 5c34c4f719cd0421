import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";

import { nearest } from "@uevent-bridge/filter";
import { BridgeError } from "@uevent-bridge/relay";

import { CommandError, STATUS } from "../command/error.js";
import { isErrno, namesBeside } from "./directory.js";
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
export async function askRelay(
  path: string,
  name: string,
  request: Request,
  signal: AbortSignal,
  rootsControl?: string,
): Promise<Success> {
  const socket = connect({ path, signal });
  const silence = new Promise<never>((_, reject) => {
    socket.setTimeout(SILENT_MS, () => void silent(name, path).then(reject));
  });
  const connected = once(socket, "connect").catch(async (cause: unknown) => {
    throw nobody(name, await namesBeside(path), existsSync(rootsControl ?? "") ? rootsControl : undefined, cause);
  });
  const answered = connected.then(() => converse(socket, name, request));
  const line = await Promise.race([answered, silence]).finally(() => socket.destroy());
  const reply = parseReply(line);
  if (!reply) throw new CommandError(STATUS.world, `the relay of ${name} speaks another version`, "Restart it.");
  if (reply.type === "error") throw new BridgeError(reply.code, reply.message, { remedy: reply.remedy });
  return reply;
}

function converse(socket: Socket, name: string, request: Request): Promise<string> {
  const line = readLine(socket, MAX_ANSWER);
  socket.write(`${JSON.stringify(request)}\n`);
  return line.catch((cause: unknown) => Promise.reject(ended(name, cause)));
}

/** True if it says that no relay is where one was asked. */
export function isUnserved(error: unknown): boolean {
  return error instanceof CommandError && (isErrno(error.cause, "ENOENT") || isErrno(error.cause, "ECONNREFUSED"));
}

/** @param roots where this user cannot look */
function nobody(name: string, others: readonly string[], roots: string | undefined, cause: unknown): CommandError {
  const near = nearest(name, others);
  const shown = `Attached are: ${others.slice(0, NAMES_SHOWN).join(", ")}${others.length > NAMES_SHOWN ? ", …" : "."}`;
  const none = roots === undefined ? ["None is attached."] : [];
  const here = near === undefined ? (others.length > 0 ? [shown] : none) : [`Did you mean ${near}?`];
  const there =
    roots === undefined ? [] : [`Those of root (${roots}) this user cannot look into: ask again with sudo.`];
  const start = `To start one, as the same user: uevent-bridge attach ${name} --allow RULE`;
  const remedy = [...here, ...there, start].join(" ");
  return new CommandError(STATUS.world, `no relay serves ${name} for this user`, remedy, { cause });
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
