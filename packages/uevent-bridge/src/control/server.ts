import type { Socket } from "node:net";

import { claim } from "./claim.js";
import { readLine } from "./line.js";
import { errorReply, parseRequest } from "./protocol.js";
import type { Reply, Request } from "./protocol.js";

const MAX_CONNECTIONS = 64;
const REQUEST_MS = 5000; // a connection that asks nothing is closed
const ALIVE_MS = 1000; // between two signs of life
/** Says before an answer that it is being worked on: JSON takes it for nothing. */
const ALIVE = " ";

/** Answers a request; the signal aborts when nobody waits for the answer any more. */
export type Answer = (request: Request, signal: AbortSignal) => Promise<Reply>;

/**
 * Takes requests on a control socket until it is disposed of.
 *
 * @throws BridgeError NAME_TAKEN
 */
export async function serveControl(path: string, answer: Answer): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  const claimed = await claim(path, (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    if (open.size > MAX_CONNECTIONS) socket.destroy();
    else void converse(socket, answer);
  });
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await claimed[Symbol.asyncDispose]();
    },
  };
}

async function converse(socket: Socket, answer: Answer): Promise<void> {
  const gone = new AbortController();
  socket.once("close", () => gone.abort()).on("error", () => socket.destroy());
  socket.setTimeout(REQUEST_MS, () => socket.destroy());
  try {
    const request = parseRequest(await readLine(socket));
    socket.setTimeout(0);
    if (!request) return void socket.destroy();
    using _ = showingLife(socket);
    socket.end(`${JSON.stringify(await reply(request, answer, gone.signal))}\n`);
  } catch {
    socket.destroy(); // no line came: there is nobody to answer
  }
}

/** Whoever asks can tell what takes its time from what is stopped. */
function showingLife(socket: Socket): Disposable {
  socket.write(ALIVE);
  const timer = setInterval(() => socket.write(ALIVE), ALIVE_MS);
  const stop = (): void => clearInterval(timer);
  socket.once("close", stop);
  return { [Symbol.dispose]: stop };
}

function reply(request: Request, answer: Answer, signal: AbortSignal): Promise<Reply> {
  return answer(request, signal).catch(errorReply);
}
